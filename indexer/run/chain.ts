import { createPublicClient, type Hex, hexToBigInt, http, numberToHex, webSocket } from 'viem';
import { ConfigError } from './config.ts';

/** A block's place on the chain. */
export type BlockRef = { number: bigint; hash: Hex };

/** What has to be asked of a chain to tell whether it is the one that was indexed. */
export type Chain = {
  id: bigint;
  genesisHash: Hex;
  head: () => Promise<BlockRef>;
  /** `undefined` beyond the head. */
  hashAt: (number: bigint) => Promise<Hex | undefined>;
};

/** @throws ConfigError when the URL does not answer as a chain. */
export const openChain = async (url: string): Promise<Chain> => {
  const transport = url.startsWith('ws') ? webSocket(url) : http(url, { timeout: 5_000, retryCount: 2 });
  const client = createPublicClient({ transport });
  const blockAt = async (at: bigint | 'latest'): Promise<BlockRef | undefined> => {
    const block = await client.request({
      method: 'eth_getBlockByNumber',
      params: [at === 'latest' ? at : numberToHex(at), false],
    });
    if (block === null || block.number === null || block.hash === null) return undefined;
    return { number: hexToBigInt(block.number), hash: block.hash };
  };
  try {
    const id = BigInt(await client.getChainId());
    const genesis = await blockAt(0n);
    if (genesis === undefined) throw new Error('it has no block 0');
    return {
      id,
      genesisHash: genesis.hash,
      head: async () => (await blockAt('latest')) ?? genesis,
      hashAt: async (number) => (await blockAt(number))?.hash,
    };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ConfigError(`CHAIN_RPC_URL ${new URL(url).origin} does not answer as a chain: ${reason}`);
  }
};
