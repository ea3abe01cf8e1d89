import type { Hex } from 'viem';
import type { Depth, Watched } from '../rpc/index.ts';
import type { IndexerConfig } from './config.ts';
import type { PublishedChain, PublishedChainName } from './published.ts';
import { watchedOfProtocol, watchedOfPublished } from './watched.ts';

/** A chain that is indexed, and where its settings come from. */
export type IndexedChain = {
  /** The variable that lists its nodes. */
  variable: string;
  /** The variable that says which chain it should be. */
  source: string;
  /** The variable that says since when they do. */
  startSource: string;
  chainId: bigint;
  /** Hash of block 0, where it is known beforehand. */
  genesisHash: Hex | undefined;
  /** The first block that can hold an event of ours. */
  start: bigint;
  urls: readonly string[];
  concurrency: number;
  watched: Watched;
  depth: Depth;
};

/** Every chain that is indexed, the protocol's first. */
export const indexedChains = ({
  manifest,
  rpcUrls,
  rpcConcurrency: concurrency,
  proof,
  published,
}: IndexerConfig): readonly IndexedChain[] => [
  {
    variable: 'CHAIN_RPC_URL',
    source: 'CONTRACTS_FILE',
    startSource: 'CONTRACTS_FILE',
    chainId: manifest.chainId,
    genesisHash: manifest.genesisHash,
    start: manifest.startBlock,
    urls: rpcUrls,
    concurrency,
    watched: watchedOfProtocol(manifest),
    depth: proof,
  },
  ...(Object.entries(published) as [PublishedChainName, PublishedChain][]).map(([name, chain]) => ({
    variable: `${name.toUpperCase()}_RPC_URL`,
    source: `${name.toUpperCase()}_CHAIN_ID`,
    startSource: `${name.toUpperCase()}_START_BLOCK`,
    chainId: chain.chainId,
    genesisHash: undefined,
    start: chain.startBlock,
    urls: chain.rpcUrls,
    concurrency,
    watched: watchedOfPublished(chain),
    // Their blocks are many, and full of other people's logs.
    depth: 'ends' as const,
  })),
];
