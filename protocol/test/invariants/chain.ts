import { type LocalChain, startLocalChain } from '../../src/chain/index.ts';

export type Request = readonly [method: string, params: readonly unknown[]];

/** A local chain that mines only when told to, and lets any address send without a signature. */
export type Arena = LocalChain & {
  /** Sends requests in one round trip. @throws Error with the node's message when one of them fails. */
  batch(requests: readonly Request[]): Promise<unknown[]>;
};

export const hex = (value: bigint | number) => `0x${value.toString(16)}`;

export async function startArena(): Promise<Arena> {
  const chain = await startLocalChain({ accounts: 1, genesisTimestamp: 2_000_000_000n });
  const batch = (requests: readonly Request[]) => sendBatch(chain.url, requests);
  await batch([
    ['evm_setAutomine', [false]],
    ['anvil_autoImpersonateAccount', [true]],
    ['evm_setBlockGasLimit', [hex(10n ** 10n)]],
    ['anvil_setNextBlockBaseFeePerGas', [hex(0)]],
  ]);
  return { ...chain, batch };
}

type Reply = { readonly id: number; readonly result?: unknown; readonly error?: { readonly message: string } };

async function sendBatch(url: string, requests: readonly Request[]): Promise<unknown[]> {
  const body = requests.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const replies = (await response.json()) as readonly Reply[];
  const results: unknown[] = [];
  for (const { id, result, error } of replies) {
    if (error) throw new Error(`${requests[id]?.[0]} failed: ${error.message}`);
    results[id] = result;
  }
  return results;
}
