/** One JSON-RPC call. */
export type Call = { readonly method: string; readonly params: readonly unknown[] };

export type Log = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly blockNumber: string;
};

/** A node's refusal, as it came. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Asks a node. @throws NodeError with its refusal; other errors where it does not answer. */
export type Ask = <answer>(method: string, params: readonly unknown[]) => Promise<answer>;

/** Asks the node that `url` names at that moment. */
export const askAt =
  (url: () => string): Ask =>
  async <answer>(method: string, params: readonly unknown[]): Promise<answer> => {
    const response = await fetch(url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(30_000),
    });
    const { result, error } = (await response.json()) as { result: answer; error?: { code: number; message: string } };
    if (error !== undefined) throw new NodeError(error.code, error.message);
    return result;
  };

export const headOf = async (ask: Ask): Promise<number> => Number(await ask<string>('eth_blockNumber', []));

export const hex = (value: number): string => `0x${value.toString(16)}`;

/** The blocks of a range of logs, where it is one; tags mean the head. */
export function rangeOf({ params }: Call, head: number): { from: number; to: number } | undefined {
  const [filter] = params as [{ blockHash?: string; fromBlock?: string; toBlock?: string } | undefined];
  if (filter === undefined || filter.blockHash !== undefined) return undefined;
  const at = (tag: string | undefined) => (tag?.startsWith('0x') ? Number(tag) : tag === 'earliest' ? 0 : head);
  return { from: at(filter.fromBlock), to: at(filter.toBlock) };
}
