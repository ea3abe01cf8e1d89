import { type PublishedContract, publishedAbis } from '@openledger/protocol/abi';
import { type Hex, type Transport, zeroAddress } from 'viem';
import type { Watched } from '../../rpc/index.ts';
import type { Published, PublishedChain, PublishedChainName } from '../../run/published.ts';
import { watchedOfPublished } from '../../run/watched.ts';

/** The published contracts that are configured: those of chains that have an RPC URL. */
export const configuredContracts = (published: Published): ReadonlyMap<PublishedContract, readonly Hex[]> =>
  new Map(
    Object.values(published).flatMap(
      ({ contracts }) => Object.entries(contracts) as [PublishedContract, readonly Hex[]][],
    ),
  );

/** Opens the way to a chain for the events that are watched there. */
export type OpenChain = (chain: PublishedChain, watched: Watched) => Transport;

/**
 * The published chains and contracts as Ponder's configuration takes them.
 *
 * What is not configured is left out, since Ponder would ask its chain; typed as if it were there, so that its handlers
 * type-check. They are not registered either: see `onPublished`.
 */
export const publishedSources = (published: Published, pollingInterval: number, open: OpenChain) => {
  const configured = configuredContracts(published);
  const chain = (name: PublishedChainName) => {
    const found = published[name];
    return { id: Number(found?.chainId ?? 0n), rpc: found && open(found, watchedOfPublished(found)), pollingInterval };
  };
  const on = <const name extends PublishedChainName>(name: name) => ({
    chain: name,
    startBlock: Number(published[name]?.startBlock ?? 0n),
  });
  const at = (contract: PublishedContract) => ({ address: [...(configured.get(contract) ?? [zeroAddress])] });
  const chains = { ethereum: chain('ethereum'), l2: chain('l2') };
  const contracts = {
    EthereumOpen: { ...on('ethereum'), ...at('EthereumOpen'), abi: publishedAbis.EthereumOpen },
    L2Wopen: { ...on('l2'), ...at('L2Wopen'), abi: publishedAbis.L2Wopen },
    L2Gopen: { ...on('l2'), ...at('L2Gopen'), abi: publishedAbis.L2Gopen },
    L2Governor: { ...on('l2'), ...at('L2Governor'), abi: publishedAbis.L2Governor },
    L2Staking: { ...on('l2'), ...at('L2Staking'), abi: publishedAbis.L2Staking },
    L2Airdrop: { ...on('l2'), ...at('L2Airdrop'), abi: publishedAbis.L2Airdrop },
  };
  return {
    chains: onlyThose(chains, (name) => published[name] !== undefined),
    contracts: onlyThose(contracts, (name) => configured.has(name)),
  };
};

const onlyThose = <table extends Record<string, unknown>>(table: table, has: (name: keyof table) => boolean) =>
  Object.fromEntries(Object.entries(table).filter(([name]) => has(name))) as table;
