/** What a node said no to, or could not be asked. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** Which variable of the environment leads to it. */
  readonly variable: string;

  constructor(message: string, variable: string) {
    super(message);
    this.variable = variable;
  }
}

/** One question to a node. @throws RpcError naming the method. */
export type Rpc = <answer>(method: string, parameters: readonly unknown[]) => Promise<answer>;

const attempts = 4;
const timeoutMs = 30_000;

/** Asks a node over HTTP; what fails is asked again, later each time. */
export const createRpc =
  (url: string, variable = 'CHAIN_RPC_URL'): Rpc =>
  async <answer>(method: string, parameters: readonly unknown[]): Promise<answer> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask<answer>(url, method, parameters);
      } catch (error) {
        if (attempt === attempts) {
          throw new RpcError(`${method}: ${error instanceof Error ? error.message : error}`, variable);
        }
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
      }
    }
  };

async function ask<answer>(url: string, method: string, params: readonly unknown[]): Promise<answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: Error) => {
    throw new Error(`${new URL(url).origin} does not answer (${cause.message})`);
  });
  if (!response.ok) throw new Error(`the node answered with status ${response.status}`);
  const { result, error } = (await response.json()) as { result?: answer; error?: { message: string } };
  if (error !== undefined) throw new Error(error.message);
  if (result === undefined) throw new Error('the node answered without a result');
  return result;
}

export const toHex = (value: bigint): string => `0x${value.toString(16)}`;
