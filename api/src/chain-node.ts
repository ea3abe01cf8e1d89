import type { Logger } from 'pino';
import { z } from 'zod';
import { unixNow } from './time.ts';

export type Block = {
  readonly block: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
};

/** The newest block a node knew of, and when it said so. */
export type Answer = Block & {
  /** Unix seconds. */
  readonly seenAt: bigint;
  /** The same by `performance.now()`, milliseconds: clocks of the day are set back at times. */
  readonly at: number;
};

/** `unasked` until it first answered or failed; `elsewhere` when it is on another chain than the deployment. */
export type NodeState = 'unasked' | 'up' | 'down' | 'elsewhere';

export type ChainNode = {
  readonly state: () => NodeState;
  /** What it said last, while it is up. */
  readonly answer: () => Answer | null;
  /** Asks for its newest block, unless it is being asked already or left alone after failing; settles in 1.5 s, and never rejects. */
  readonly ask: () => Promise<void>;
};

/** Milliseconds a node has to answer. */
const TIMEOUT_MS = 1500;
/** A node that failed once is left alone for the first, then for twice as long each time, up to the second. */
const [FIRST_REST_MS, LONGEST_REST_MS] = [1000, 5000];
/** A URL may come to lead to another chain; how long one look at the chain id is trusted. */
const VERIFIED_MS = 60_000;

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(BigInt);
const newestBlock = z.object({ number: quantity, timestamp: quantity });
const reply = z.object({ result: z.unknown().optional(), error: z.object({ code: z.number() }).optional() });

/** A node that fails, in words that are safe to log: its own may repeat the key it was asked with. */
class NodeError extends Error {
  override readonly name = 'NodeError';
}

/** One node of the chain, asked over HTTP. Its URL may hold a key: only its origin is logged, and only when its state changes. */
export function createChainNode({ url, chainId, log }: { url: string; chainId: bigint; log: Logger }): ChainNode {
  const node = new URL(url).origin;
  const call = callOf(url);
  let state: NodeState = 'unasked';
  let answer: Answer | null = null;
  let failures = 0;
  let restsUntil = Number.NEGATIVE_INFINITY;
  let verifiedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let saidElsewhere = false;

  const rest = (next: 'down' | 'elsewhere') => {
    state = next;
    answer = null;
    failures += 1;
    verifiedAt = Number.NEGATIVE_INFINITY;
    restsUntil = performance.now() + Math.min(FIRST_REST_MS * 2 ** (failures - 1), LONGEST_REST_MS);
  };

  const ask = async () => {
    const began = performance.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const verifies = began - verifiedAt > VERIFIED_MS;
    try {
      const [id, newest] = await Promise.all([
        verifies ? call('eth_chainId', [], quantity, signal) : chainId,
        call('eth_getBlockByNumber', ['latest', false], newestBlock, signal),
      ]);
      if (id !== chainId) {
        if (!saidElsewhere) log.error({ node, chainId: `${id}`, expected: `${chainId}` }, 'node is on another chain');
        saidElsewhere = true;
        return rest('elsewhere');
      }
      if (state === 'down') log.info({ node }, 'node answers again');
      if (verifies) verifiedAt = began;
      state = 'up';
      failures = 0;
      saidElsewhere = false;
      answer = { block: newest.number, timestamp: newest.timestamp, seenAt: unixNow(), at: performance.now() };
    } catch (error) {
      const reason = error instanceof NodeError ? error.message : 'cannot be asked';
      if (state !== 'down') log.warn({ node, reason }, 'node fails');
      rest('down');
    }
  };

  return {
    state: () => state,
    answer: () => answer,
    ask: () => {
      if (asking === null && performance.now() >= restsUntil) {
        asking = ask().finally(() => {
          asking = null;
        });
      }
      return asking ?? Promise.resolve();
    },
  };
}

type Call = <T>(method: string, params: unknown[], schema: z.ZodType<T>, signal: AbortSignal) => Promise<T>;

/** JSON-RPC over HTTP to one URL. @throws NodeError */
function callOf(url: string): Call {
  const endpoint = new URL(url);
  const { username, password } = endpoint;
  // fetch takes no credentials in a URL.
  endpoint.username = '';
  endpoint.password = '';
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    'content-type': 'application/json',
    ...(login !== ':' && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
  };
  return async (method, params, schema, signal) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const json = await fetch(endpoint, { method: 'POST', headers, body, signal })
      .then(async (response) => {
        if (response.ok) return (await response.json()) as unknown;
        await response.body?.cancel();
        throw new NodeError(`answers ${method} with HTTP ${response.status}`);
      })
      .catch((error: unknown) => {
        throw error instanceof NodeError ? error : new NodeError(`${method}: ${reasonOf(error)}`);
      });
    const parsed = reply.safeParse(json);
    if (parsed.data?.error) throw new NodeError(`answers ${method} with error ${parsed.data.error.code}`);
    const result = schema.safeParse(parsed.data?.result);
    if (!result.success) throw new NodeError(`answers ${method} with something else`);
    return result.data;
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`;
  if (error instanceof SyntaxError) return 'the answer is not JSON';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
  return `cannot be reached (${code})`;
}
