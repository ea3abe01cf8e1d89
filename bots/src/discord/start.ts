import { createPublicKey, verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Client, GatewayDispatchEvents } from 'discord.js';
import { InteractionResponseType } from 'discord-api-types/v10';
import type { Logger } from 'pino';
import { kinds } from './interaction.ts';
import type { First } from './responding.ts';

type Take = (payload: unknown, first?: First) => Promise<void>;

export type GatewayOptions = {
  readonly token: string;
  readonly apiRoot?: string | undefined;
  /** Which connections this process has; all that Discord recommends without it. */
  readonly shards?: { readonly ids: readonly number[]; readonly count: number } | undefined;
  readonly take: Take;
  readonly log: Pick<Logger, 'info' | 'warn'>;
};

/**
 * Hears of interactions over the gateway. It needs no intents at all: interactions come to every bot, and no message of
 * anybody's is read. Discord says how many shards there have to be.
 */
export const startGateway = async (options: GatewayOptions): Promise<() => Promise<void>> => {
  const { token, apiRoot, shards, take, log } = options;
  const client = new Client({
    intents: [],
    ...(shards === undefined ? { shards: 'auto' } : { shards: shards.ids, shardCount: shards.count }),
    rest: { ...(apiRoot !== undefined && { api: apiRoot }) },
    allowedMentions: { parse: [] },
  });
  const underWay = new Set<Promise<void>>();
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => {
    const work = take(payload).finally(() => underWay.delete(work));
    underWay.add(work);
  });
  client.on('shardDisconnect', ({ code }) => log.warn({ code }, 'Discord closed the connection'));
  client.on('shardReconnecting', () => log.info('connecting with Discord again'));
  client.on('error', (error) => log.warn({ why: error.message }, 'Discord'));
  await client.login(token);
  return async () => {
    await client.destroy();
    await Promise.allSettled([...underWay]);
  };
};

const mostBodyBytes = 1_000_000;
/** Discord's key as Node reads keys: the prefix says Ed25519 (RFC 8410). */
const prefix = '302a300506032b6570032100';

/**
 * Takes interactions that Discord posts, each signed with its key: without the right signature nothing is read.
 *
 * @param publicKey the application's, 32 bytes in hex
 */
export const createInteractionsDoor = (publicKey: string, take: Take) => {
  const key = createPublicKey({ key: Buffer.from(prefix + publicKey, 'hex'), format: 'der', type: 'spki' });
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const signature = request.headers['x-signature-ed25519'];
    const timestamp = request.headers['x-signature-timestamp'];
    const end = (status: number) => void response.writeHead(status).end();
    if (typeof signature !== 'string' || typeof timestamp !== 'string') return end(401);
    if (Number(request.headers['content-length'] ?? mostBodyBytes + 1) > mostBodyBytes) return end(413);
    const body = await buffer(request);
    const isSigned =
      /^[0-9a-f]{128}$/i.test(signature) &&
      verify(null, Buffer.concat([Buffer.from(timestamp), body]), key, Buffer.from(signature, 'hex'));
    // Old ones are somebody's recording.
    const isRecent = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300;
    if (!isSigned || !isRecent) return end(401);
    let payload: { type?: unknown } | null;
    try {
      payload = JSON.parse(body.toString());
    } catch {
      return end(400);
    }
    const answer = (value: object) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (payload === null || typeof payload !== 'object') return end(400);
    if (payload.type === kinds.ping) return void answer({ type: InteractionResponseType.Pong });
    let isAnswered = false;
    await take(payload, async (first, files) => {
      isAnswered = true;
      if (files.length === 0) return void answer(first);
      const form = new FormData();
      form.set('payload_json', JSON.stringify(first));
      for (const [at, { name, body: content }] of files.entries()) {
        form.set(`files[${at}]`, new Blob([new Uint8Array(content)]), name);
      }
      const made = new Response(form);
      response.writeHead(200, { 'content-type': made.headers.get('content-type')! });
      response.end(Buffer.from(await made.arrayBuffer()));
    });
    // It came before, and was answered then.
    if (!isAnswered) end(202);
  };
};
