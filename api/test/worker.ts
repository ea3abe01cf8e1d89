import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hex } from '@openledger/db/chain';
import type postgres from 'postgres';
import { hashToken } from '../src/identity/tokens.ts';
import { hash } from './world.ts';

/** How a worker answers: as it should, or in one of the ways in which one can fail. */
export type Manner =
  | 'right'
  /** Its queue is full. */
  | 'busy'
  | 'draining'
  | 'unpaid'
  | 'unknown'
  /** The question is wrong. */
  | 'refusing'
  /** Begins, and breaks off before the first token; after it; or sends what is no event. */
  | 'empty'
  | 'cut'
  | 'nonsense'
  /** Says in the stream that its engine failed, before the first token. */
  | 'failing'
  /** Answers like some other server. */
  | 'stranger'
  /** Begins and never ends. */
  | 'endless';

export type TestWorker = {
  readonly address: Hex;
  readonly url: string;
  manner: Manner;
  /** What it answers, in the pieces in which it comes. */
  words: readonly string[];
  /** What it was asked, in order. */
  readonly asked: { path: string; headers: IncomingHttpHeaders; body: Record<string, unknown> }[];
  /** Requests whose client hung up before the end. */
  hungUp: number;
  readonly stop: () => Promise<void>;
};

export const words = ['Borrow', 'ing le', 'nds', ' it — ✓', '.'];
export const requestIdOfWorker = hash(0xabc);
/** What it gives its model where it is asked to. */
export const passageOfWorker = {
  ...{ datanet: '1', contribution: '1', content_hash: hash(0xdef), row: 3, text: '& borrows.' },
};

/**
 * A worker that behaves as badly as a test wants, over real HTTP, speaking as ours does and taking tickets as ours does. It
 * is registered in schema `app` as it registers itself.
 */
export async function startWorker(
  sql: postgres.Sql,
  address: Hex,
  { genesisHash = hash(0), base = hash(42) }: { readonly genesisHash?: Hex; readonly base?: Hex } = {},
): Promise<TestWorker> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    worker.asked.push({ path: request.url!, headers: request.headers, body });
    response.on('close', () => {
      if (!response.writableEnded) worker.hungUp += 1;
    });
    const refuse = (status: number, error: object, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ error: { type: 'error', param: null, code: null, ...error } }));
    const ticket = /^Bearer (olt_.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const used = await sql`update app.inference_ticket set used_at = now()
      where hash = ${hashToken(ticket)} and worker = ${address} and used_at is null and expires_at > now() returning 1`;
    if (used.length === 0) return refuse(401, { message: 'The ticket is no good.', code: 'invalid_ticket' });
    switch (worker.manner) {
      case 'busy':
        return refuse(429, { message: 'The queue is full.' }, { 'retry-after': '7' });
      case 'draining':
        return refuse(503, { message: 'It is about to stop.' });
      case 'unpaid':
        return refuse(402, {
          message: 'Send a voucher over at least 500 wei in all, in the header OpenLedger-Voucher.',
          code: 'voucher_missing',
          payment: { cumulativeAmount: '500', expiry: '1798761600', balance: '0' },
        });
      case 'unknown':
        return refuse(404, { message: 'No such model.', code: 'model_not_found' });
      case 'refusing':
        return refuse(400, { message: 'The prompt has 9000 tokens; 512 fit.', param: 'messages' });
      case 'stranger':
        return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'openledger-request-id': requestIdOfWorker });
    response.flushHeaders();
    const send = (data: object | string) =>
      response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    const isChat = request.url === '/v1/chat/completions';
    const piece = (text: string, finish: string | null = null) =>
      send({
        id: 'x',
        choices: [
          isChat
            ? { index: 0, delta: { content: text }, finish_reason: finish }
            : { index: 0, text, finish_reason: finish },
        ],
      });
    if (isChat)
      send({ id: 'x', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
    if (body.retrieval) send({ id: 'x', choices: [], retrieval: { passages: [passageOfWorker] } });
    switch (worker.manner) {
      case 'empty':
        return response.destroy();
      case 'failing':
        send({ error: { message: 'The engine failed.', type: 'server_error', code: 'engine_failed' } });
        return response.end();
      case 'nonsense':
        send('{"choices": 5}');
        return response.end();
      case 'cut':
        piece(words[0]!);
        setTimeout(() => response.destroy(), 50);
        return;
      case 'endless':
        piece(words[0]!);
        return;
    }
    for (const word of worker.words) piece(word);
    piece('', 'stop');
    send({
      id: 'x',
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: worker.words.length, total_tokens: 16 },
    });
    send('[DONE]');
    response.end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const worker: TestWorker = {
    address,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    manner: 'right',
    words,
    asked: [],
    hungUp: 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await sql`insert into app.deployment (genesis_hash, chain_id) values (${genesisHash}, 31337) on conflict do nothing`;
  await sql`insert into app.worker (genesis_hash, address, operator, endpoint, backend, base_model_hash, software_version,
      state, adapter_slots, request_slots, started_at)
    values (${genesisHash}, ${address}, ${address}, ${worker.url}, 'onnx-cpu', ${base}, '0.1.0', 'ready', 64, 16, now())`;
  return worker;
}
