import { webSocket } from 'viem';
import { faultOf, RpcFault } from './fault.ts';

/** One question to a node. */
export type Call = { readonly method: string; readonly params: readonly unknown[] };

/** One JSON-RPC node. It answers or throws {@link RpcFault}; it does not try again. */
export type Node = {
  /** Scheme, host and port; never a path, in which keys stand. */
  readonly origin: string;
  ask: (call: Call) => Promise<unknown>;
  /** Asks several things in one request; each has its own outcome. */
  askMany: (calls: readonly Call[]) => Promise<readonly PromiseSettledResult<unknown>[]>;
};

/** The part of a URL that may be shown. */
export const originOf = (url: string): string => {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
};

/** A node behind an http(s) or ws(s) URL. @param timeout milliseconds for one answer. */
export const createNode = (url: string, timeout: number): Node =>
  /^wss?:/.test(url) ? socketNode(url, timeout) : httpNode(url, timeout);

type Answer = { id?: number; result?: unknown; error?: { code?: number; message?: string } };

const httpNode = (url: string, timeout: number): Node => {
  const origin = originOf(url);
  const { address, headers } = request(url);
  let id = 0;
  let takesBatches = true;

  const post = async (method: string, body: object): Promise<unknown> => {
    const late = AbortSignal.timeout(timeout);
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body), signal: late });
      text = await response.text();
    } catch (cause) {
      const why = late.aborted ? `not within ${timeout / 1_000} s` : reasonOf(cause);
      throw new RpcFault('unavailable', `${origin} did not answer ${method}: ${why}`, { cause });
    }
    if (response.status === 429) {
      const retryAfter = Number(response.headers.get('retry-after')) * 1_000 || undefined;
      throw new RpcFault('limited', `${origin} answered ${method} with status 429: too many requests`, { retryAfter });
    }
    const answer = parse(text);
    const isRpc = typeof answer === 'object' && answer !== null;
    if (isRpc && (response.ok || 'error' in answer)) return answer;
    const what = response.ok ? 'something that is no JSON' : `status ${response.status}`;
    throw new RpcFault('unavailable', `${origin} answered ${method} with ${what}`, { code: response.status });
  };

  const read = (method: string, answer: Answer | undefined): unknown => {
    if (answer?.error) {
      const { code = 0, message = 'no reason given' } = answer.error;
      throw faultOf(origin, method, { code, message });
    }
    if (answer?.result !== undefined) return answer.result;
    throw new RpcFault('unavailable', `${origin} answered ${method} without a result`);
  };

  const ask = async ({ method, params }: Call) =>
    read(method, (await post(method, { jsonrpc: '2.0', id: ++id, method, params })) as Answer);

  return {
    origin,
    ask,
    askMany: async (calls) => {
      const [first] = calls;
      if (first === undefined || calls.length === 1 || !takesBatches) return Promise.allSettled(calls.map(ask));
      const numbered = calls.map(({ method, params }) => ({ jsonrpc: '2.0', id: ++id, method, params }));
      const answers = await post(`a batch of ${first.method}`, numbered).catch((fault: RpcFault) => {
        const isNoSuchThing = fault.code !== undefined && fault.code >= 400 && fault.code < 500;
        if (isNoSuchThing) return undefined;
        throw fault;
      });
      if (!Array.isArray(answers)) {
        // Some nodes take one question at a time only.
        takesBatches = false;
        return Promise.allSettled(calls.map(ask));
      }
      const byId = new Map((answers as Answer[]).map((answer) => [answer.id, answer]));
      return Promise.allSettled(numbered.map(async ({ id, method }) => read(method, byId.get(id))));
    },
  };
};

const socketNode = (url: string, timeout: number): Node => {
  const origin = originOf(url);
  const { request } = webSocket(url, { timeout, retryCount: 0 })({});
  const ask = async ({ method, params }: Call): Promise<unknown> => {
    try {
      return await request({ method, params });
    } catch (cause) {
      const { code, details } = cause as { code?: number; details?: string };
      if (typeof code === 'number') throw faultOf(origin, method, { code, message: details ?? String(cause) });
      throw new RpcFault('unavailable', `${origin} did not answer ${method}: ${details ?? 'no connection'}`, { cause });
    }
  };
  return { origin, ask, askMany: (calls) => Promise.allSettled(calls.map(ask)) };
};

/** `fetch` takes no URL with a name and password in it: they go into the header that they stand for. */
const request = (url: string) => {
  const address = new URL(url);
  const { username, password } = address;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (username !== '' || password !== '') {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    address.username = '';
    address.password = '';
  }
  return { address: address.href, headers };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
};
