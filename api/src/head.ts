import { z } from 'zod';

export type Block = {
  readonly block: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
};

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(BigInt);
const answer = z.object({ result: z.object({ number: quantity, timestamp: quantity }) });

const FRESH_MS = 1000;
const TIMEOUT_MS = 1500;

/** The chain's latest block by RPC, asked at most once a second; null when the node does not answer in 1.5 s. */
export function createChainHead(rpcUrl: string): () => Promise<Block | null> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let latest: Promise<Block | null> = Promise.resolve(null);
  return () => {
    const now = performance.now();
    if (now - askedAt > FRESH_MS) {
      askedAt = now;
      latest = askLatest(rpcUrl).catch(() => null);
    }
    return latest;
  };
}

async function askLatest(rpcUrl: string): Promise<Block> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['latest', false] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { result } = answer.parse(await response.json());
  return { block: result.number, timestamp: result.timestamp };
}
