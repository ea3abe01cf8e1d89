import type { Hex } from 'viem';
import type { IndexerConfig } from './config.ts';

/** A chain that is indexed, and where its settings come from. */
export type IndexedChain = {
  /** The variable that lists its nodes. */
  variable: string;
  /** The variable that says where its contracts stand. */
  source: string;
  chainId: bigint;
  /** Hash of block 0, where it is known beforehand. */
  genesisHash: Hex | undefined;
  /** The first block that can hold an event of ours. */
  start: bigint;
  urls: readonly string[];
  concurrency: number;
};

/** Every chain that is indexed, the protocol's first. */
export const indexedChains = ({ manifest, rpcUrls, rpcConcurrency }: IndexerConfig): readonly IndexedChain[] => [
  {
    variable: 'CHAIN_RPC_URL',
    source: 'CONTRACTS_FILE',
    chainId: manifest.chainId,
    genesisHash: manifest.genesisHash,
    start: manifest.startBlock,
    urls: rpcUrls,
    concurrency: rpcConcurrency,
  },
];
