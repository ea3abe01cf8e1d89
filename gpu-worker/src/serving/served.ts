import type { Hex } from '@openledger/protocol';

/** A model version that this worker is to serve, as the chain says. */
export type ServedModel = {
  /** `typescript-tutor-1@2`: what clients may call it. The newest version also goes by the name before the `@`. */
  readonly name: string;
  readonly modelId: bigint;
  readonly version: number;
  readonly adapterHash: Hex;
  readonly adapterUri: string;
  readonly owner: Hex;
  /** Unix seconds of its publication. */
  readonly createdAt: number;
  /** Wei of OPEN for 1,000 tokens. */
  readonly inPer1k: bigint;
  readonly outPer1k: bigint;
  /** Accounts that may ask it; undefined: everybody. */
  readonly allowed: ReadonlySet<Hex> | undefined;
};

/** What may be asked here. Follows the chain. */
export type Catalogue = {
  /** By any of its names: `typescript-tutor-1`, `typescript-tutor-1@2`, `1`, `1@2`. */
  readonly find: (name: string) => ServedModel | undefined;
  readonly all: () => readonly ServedModel[];
};

/** An adapter that stays loaded until it is given back. */
export type Lease = {
  readonly hash: Hex;
  /** Whether it was loaded already. */
  readonly wasWarm: boolean;
  readonly release: () => void;
};

export type AdapterState = 'known' | 'fetching' | 'stored' | 'loading' | 'loaded' | 'failed';

export type AdapterStatus = {
  readonly hash: Hex;
  readonly state: AdapterState;
  readonly isPinned: boolean;
  /** Of its files; 0 until they are there. */
  readonly bytes: number;
  /** Leases that are out or waited for. */
  readonly leases: number;
  readonly fetchMs: number | undefined;
  readonly loadMs: number | undefined;
  readonly lastUsedAt: Date | undefined;
  readonly error: string | undefined;
};

/** What a store did since it was opened. */
export type AdapterCounts = {
  /** Leases given of adapters that were loaded, on disk, and neither. */
  readonly warm: number;
  readonly stored: number;
  readonly cold: number;
  /** Leases that could not be given. */
  readonly refused: number;
  readonly fetched: number;
  readonly fetchedBytes: number;
  /** Let go of in favour of others: from memory, and from disk. */
  readonly unloaded: number;
  readonly removed: number;
};

/** From the chain to the engine: fetches, verifies, keeps on disk, loads, and lets go of what was not used for longest. */
export type AdapterStore = {
  /**
   * Waits for this adapter's own bytes alone.
   *
   * @throws AdapterUnavailableError when it cannot be fetched, is not what its hash says, or does not fit the base.
   */
  readonly acquire: (
    adapter: { readonly hash: Hex; readonly uri: string },
    options?: { signal?: AbortSignal },
  ) => Promise<Lease>;
  /**
   * Fetches ahead of the first request, and loads where that sends no other adapter away. A pinned one is loaded in any
   * case, and never let go of.
   */
  readonly preload: (
    adapter: { readonly hash: Hex; readonly uri: string },
    options?: { pin?: boolean },
  ) => Promise<void>;
  /**
   * Fetches where it is not on disk.
   *
   * @returns its folder, where it stays until others need the room. @throws AdapterUnavailableError
   */
  readonly bring: (adapter: { readonly hash: Hex; readonly uri: string }) => Promise<string>;
  /** No longer to be served: unpinned, what failed forgotten. It goes when others need its room. */
  readonly retire: (hash: Hex) => void;
  readonly status: () => readonly AdapterStatus[];
  readonly counts: () => AdapterCounts;
  readonly close: () => Promise<void>;
};

/** An adapter that cannot be served now, and why. */
export class AdapterUnavailableError extends Error {
  override readonly name = 'AdapterUnavailableError';
}
