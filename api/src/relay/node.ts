import type { Hex } from '@openledger/db/chain';
import { z } from 'zod';

/** No node answers, or none in a way that can be understood: it is not known whether anything happened. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
}

/** A node answered, and says no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: number;
  /** What the contract reverted with; null when it is no revert. */
  readonly revert: Hex | null;

  constructor(code: number, message: string, revert: Hex | null) {
    super(message);
    this.code = code;
    this.revert = revert;
  }
}

export const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(BigInt);
export const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform((text) => text.toLowerCase() as Hex);
export const data = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/i)
  .transform((text) => text as Hex);
export const block = z.object({ number: quantity, hash, baseFeePerGas: quantity.optional() });
export type Block = z.output<typeof block>;
export const receipt = z.object({ blockNumber: quantity, blockHash: hash, status: quantity }).nullable();
export type Receipt = NonNullable<z.output<typeof receipt>>;

export type Node = {
  /**
   * One JSON-RPC call, of the first node that answers.
   * @throws RefusedError when it says no, NodeError when none of them answers.
   */
  readonly call: <Schema extends z.ZodType>(
    method: string,
    params: readonly unknown[],
    schema: Schema,
  ) => Promise<z.output<Schema>>;
};

const TIMEOUT_MS = 10_000;
/** Rate limits and trouble inside the node: another one may know better. */
const isTrouble = (code: number) => code === -32_005 || code === -32_603 || code === -32_601;

const failure = z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() });
const reply = z.object({ result: z.unknown().optional(), error: failure.optional() });

/** Nodes of one chain, asked in the order given: the next when one fails. Their URLs may hold keys and are never shown. */
export function createNode(urls: readonly string[]): Node {
  const endpoints = urls.map(endpointOf);
  return {
    call: async (method, params, schema) => {
      let reason = '';
      for (const endpoint of endpoints) {
        const answer = await ask(endpoint, method, params).catch((error: Error) => error);
        if (answer instanceof Error) {
          reason = answer.message;
          continue;
        }
        const { error, result } = answer;
        if (error !== undefined) {
          const revert = revertOf(error);
          if (revert === null && isTrouble(error.code) && method !== 'eth_sendRawTransaction') {
            reason = `${endpoint.name} answers ${method} with error ${error.code}`;
            continue;
          }
          throw new RefusedError(error.code, error.message, revert);
        }
        const parsed = schema.safeParse(result);
        if (parsed.success) return parsed.data;
        reason = `${endpoint.name} answers ${method} with something else`;
      }
      throw new NodeError(reason);
    },
  };
}

type Endpoint = { readonly url: URL; readonly name: string; readonly headers: Readonly<Record<string, string>> };

function endpointOf(text: string): Endpoint {
  const url = new URL(text);
  const { username, password, origin } = url;
  // fetch takes no credentials in a URL.
  url.username = '';
  url.password = '';
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = {
    'content-type': 'application/json',
    ...(username + password !== '' && { authorization: `Basic ${login}` }),
  };
  return { url, name: origin, headers };
}

async function ask({ url, name, headers }: Endpoint, method: string, params: readonly unknown[]) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', headers, body, signal }).catch(() => {
    throw new NodeError(`${name} does not answer`);
  });
  const parsed = reply.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new NodeError(`${name} answers ${method} with HTTP ${response.status} and no JSON-RPC`);
  return parsed.data;
}

/** Nodes differ in where they put what a contract reverted with; an error of the machine below it has no data. */
function revertOf({ code, message, data: given }: z.output<typeof failure>): Hex | null {
  const inside = typeof given === 'object' && given !== null && 'data' in given ? given.data : given;
  const found = data.safeParse(inside);
  if (found.success) return found.data;
  if (/gas required exceeds/i.test(message)) return null;
  const isRevert =
    code === 3 || /revert|out of gas|invalid opcode|invalidfeopcode|stack (over|under)flow/i.test(message);
  return isRevert ? '0x' : null;
}
