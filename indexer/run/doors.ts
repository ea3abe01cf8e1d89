import type { Hex } from 'viem';
import { type Door, type DoorOptions, type Head, openDoor } from '../rpc/index.ts';

// Ponder loads its configuration as modules of its own; what is known of a chain must still be known once.
const registry = Symbol.for('openledger.doors');
type Expected = { readonly genesisHash: Hex | undefined; readonly head: Head };
type Known = { readonly expected: Map<bigint, Expected>; readonly doors: Map<bigint, Door> };
const shared = globalThis as { [registry]?: Known };
const known = (): Known => {
  shared[registry] ??= { expected: new Map(), doors: new Map() };
  return shared[registry];
};

/** Says by which block 0 a chain is told from others with its id, and how far it reaches, before Ponder opens it. */
export const expectChain = (chainId: bigint, expected: Expected): void => {
  known().expected.set(chainId, expected);
};

/** Opens the way to a chain, for Ponder and for everything else in this process. */
export const openShared = (options: DoorOptions): Door => {
  const expected = known().expected.get(options.chainId);
  const genesisHash = options.genesisHash ?? expected?.genesisHash;
  const door = openDoor({ ...options, genesisHash, head: expected?.head });
  known().doors.set(options.chainId, door);
  return door;
};

/** The way to a chain, once Ponder has loaded its configuration. */
export const sharedDoor = (chainId: bigint): Door | undefined => known().doors.get(chainId);
