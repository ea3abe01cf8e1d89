import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Ask, askAt, type Call, headOf, hex, type Log, NodeError, rangeOf } from './call.ts';
import type { Dice } from './dice.ts';
import { callFaults, drawFault, type FaultKind, type FaultRates, transportFaults } from './fault.ts';
import { type Outlook, truthful } from './outlook.ts';

/** A JSON-RPC provider before a real chain, as bad as it is told to be. Honest and whole at first. */
export type Provider = {
  readonly url: string;
  /** How many requests came, how often each fault was injected, and answers by an outlook other than the true one. */
  readonly injected: ReadonlyMap<string, number>;
  /** From now on these faults happen, and no others. */
  suffer(rates: FaultRates): void;
  /** From now on it believes in this chain. */
  believe(outlook: Outlook): void;
  /** Holds every answer back until `work` is done: what it changes is seen all at once. */
  during<result>(work: () => Promise<result>): Promise<result>;
  stop(): Promise<void>;
};

export type ProviderOptions = {
  /** The chain's own URL at this moment. */
  readonly upstream: () => string;
  readonly dice: Dice;
  /** Told of each fault, with the call it befell. */
  readonly onFault?: (kind: FaultKind, method: string) => void;
};

type Id = number | string | null;
type Answer = { jsonrpc: '2.0'; id: Id; result?: unknown; error?: { code: number; message: string } };

/** Methods whose answers are lists, of which a part looks like a whole. */
const longAnswers = ['eth_getLogs', 'eth_getBlockReceipts'];
/** What a provider with caps allows to one `eth_getLogs`. */
const largestRange = 40;
const mostLogs = 150;
const longestDelayMs = 2_000;
const statuses = [500, 502, 503] as const;

/** Starts a provider on a free port of 127.0.0.1. */
export async function startProvider({ upstream, dice, onFault = () => {} }: ProviderOptions): Promise<Provider> {
  const injected = new Map<string, number>();
  const ask = askAt(upstream);
  let rates: FaultRates = {};
  let outlook = truthful;
  let gate: Promise<unknown> = Promise.resolve();

  const count = (name: string) => injected.set(name, (injected.get(name) ?? 0) + 1);
  const fault = (kind: FaultKind, method: string) => {
    count(kind);
    onFault(kind, method);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await textOf(request);
    await gate;
    count('requests');
    const calls = callsOf(body);
    if (calls === undefined) return send(response, 400, 'Not JSON-RPC');
    const method = calls.length === 1 ? calls[0]!.method : 'batch';
    const [kind, shade] = [drawFault(dice, transportFaults, rates), dice.next()];
    if (kind !== undefined) fault(kind, method);
    if (kind === 'hang') return;
    if (kind === 'status') return send(response, statuses[Math.floor(shade * statuses.length)]!, 'Out of order');
    if (kind === 'throttle') {
      if (shade < 0.5) response.setHeader('retry-after', '1');
      return send(response, 429, 'Too many requests');
    }
    if (kind === 'drop' && shade < 0.5) return response.destroy();
    if (kind === 'slow') await wait(shade * longestDelayMs);
    const answers = await Promise.all(calls.map(respond));
    const text = JSON.stringify(body.trimStart().startsWith('[') ? answers : answers[0]);
    if (kind === 'drop') return response.destroy();
    return send(response, 200, kind === 'garble' ? text.slice(0, Math.ceil(text.length * shade)).slice(0, -1) : text);
  };

  const respond = async ({ id, ...call }: Call & { id: Id }): Promise<Answer> => {
    const kind = drawFault(dice, callFaults, rates);
    const isCapped = drawFault(dice, ['cap'], rates) !== undefined && call.method === 'eth_getLogs';
    const isTruncated = drawFault(dice, ['truncate'], rates) !== undefined && longAnswers.includes(call.method);
    const shade = dice.next();
    const refuse = (code: number, message: string): Answer => ({ jsonrpc: '2.0', id, error: { code, message } });
    try {
      if (kind === 'internal' || kind === 'limit') {
        fault(kind, call.method);
        return kind === 'internal' ? refuse(-32_603, 'Internal error') : refuse(-32_005, 'limit exceeded');
      }
      if (outlook !== truthful) count(outlook.name);
      const result = await outlook.answer(call, ask);
      if (isCapped) {
        const refusal = await tooMuch(call, result as readonly Log[], ask, shade);
        if (refusal !== undefined) {
          fault('cap', call.method);
          return refuse(-32_602, refusal);
        }
      }
      if (isTruncated) {
        const list = result as readonly unknown[] | null;
        if (list === null || list.length === 0) return { jsonrpc: '2.0', id, result };
        fault('truncate', call.method);
        return { jsonrpc: '2.0', id, result: list.slice(0, Math.floor(shade * list.length)) };
      }
      return { jsonrpc: '2.0', id, result };
    } catch (error) {
      if (error instanceof NodeError) return refuse(error.code, error.message);
      return refuse(-32_603, 'The node behind this provider does not answer');
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    injected,
    suffer: (next) => {
      rates = next;
    },
    believe: (next) => {
      outlook = next;
    },
    during: async (work) => {
      const done = work();
      gate = done.catch(() => {});
      return done;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Why a provider with caps refuses; what is small enough it answers. */
async function tooMuch(call: Call, logs: readonly Log[], ask: Ask, shade: number): Promise<string | undefined> {
  const range = rangeOf(call, await headOf(ask));
  if (range === undefined || range.to <= range.from) return undefined;
  if (range.to - range.from >= largestRange) {
    const works = `[${hex(range.from)}, ${hex(range.from + largestRange - 1)}]`;
    return shade < 0.5 ? 'block range too large' : `query exceeds limits, this block range should work: ${works}`;
  }
  return logs.length > mostLogs ? `query returned more than ${mostLogs} results` : undefined;
}

function callsOf(body: string): readonly (Call & { id: Id })[] | undefined {
  try {
    const parsed = [JSON.parse(body) as Partial<Call & { id: Id }>].flat();
    if (!parsed.every((call) => typeof call?.method === 'string')) return undefined;
    return parsed.map(({ id = null, method = '', params = [] }) => ({ id, method, params }));
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, text: string): void {
  const type = status === 200 ? 'application/json' : 'text/plain';
  response.writeHead(status, { 'content-type': type }).end(text);
}
