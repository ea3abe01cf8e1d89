import { type Abi, type Hex, toEventSelector } from 'viem';
import { type Door, type DoorOptions, openDoor, type Watched } from '../rpc/index.ts';

/** The events of some contracts, as their logs carry them. */
export const watchedOf = (contracts: readonly { abi: Abi; address: Hex | readonly Hex[] }[]): Watched => {
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

// Ponder loads its configuration as modules of its own; what knows how the nodes are doing must still be one.
const registry = Symbol.for('openledger.doors');
const shared = globalThis as { [registry]?: Map<bigint, Door> };

/** Opens the way to a chain, for Ponder and for everything else in this process. */
export const openShared = (options: DoorOptions): Door => {
  const door = openDoor(options);
  shared[registry] = new Map([...(shared[registry] ?? []), [options.chainId, door]]);
  return door;
};

/** The way to a chain, once Ponder has loaded its configuration. */
export const sharedDoor = (chainId: bigint): Door | undefined => shared[registry]?.get(chainId);
