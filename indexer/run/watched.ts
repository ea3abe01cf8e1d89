import { type PublishedContract, publishedAbis } from '@openledger/protocol/abi';
import { type Abi, type Hex, toEventSelector } from 'viem';
import type { Watched } from '../rpc/index.ts';
import { abis } from '../src/contracts.ts';
import type { Deployment } from './config.ts';
import type { PublishedChain } from './published.ts';

/** The events of the protocol's own contracts. */
export const watchedOfProtocol = ({ contracts, vesting }: Deployment): Watched =>
  watchedOf([
    ...Object.entries({ ...abis, VestingWallet: undefined }).flatMap(([name, abi]) =>
      abi === undefined ? [] : [{ abi, address: contracts[name as keyof typeof contracts] }],
    ),
    { abi: abis.VestingWallet, address: vesting.map(({ address }) => address) },
  ]);

/** The events of a chain's published contracts. */
export const watchedOfPublished = ({ contracts }: PublishedChain): Watched =>
  watchedOf(
    (Object.entries(contracts) as [PublishedContract, readonly Hex[]][]).map(([contract, address]) => ({
      abi: publishedAbis[contract],
      address,
    })),
  );

/** The events of some contracts, as their logs carry them. */
const watchedOf = (contracts: readonly { abi: Abi; address: Hex | readonly Hex[] }[]): Watched => {
  const watched = new Map<Hex, Set<Hex>>();
  for (const { abi, address } of contracts) {
    const topics = abi.flatMap((item) => (item.type === 'event' ? [toEventSelector(item)] : []));
    for (const at of [address].flat() as Hex[]) {
      const key = at.toLowerCase() as Hex;
      watched.set(key, new Set([...(watched.get(key) ?? []), ...topics]));
    }
  }
  return watched;
};
