import type { Hex } from '@openledger/protocol';
import { type AdapterLimits, adapterHash, adapterLimits, LoraError } from '../../lora/index.ts';
import type { Engine } from '../engine.ts';
import { type AdapterState, type AdapterStatus, type AdapterStore, AdapterUnavailableError } from '../served.ts';
import { openDisk } from './disk.ts';
import { type Backoff, createFailures } from './failures.ts';
import type { FetchLimits } from './fetchAdapter.ts';
import { orAborted } from './orAborted.ts';
import { createQueue } from './queue.ts';
import { createResidents } from './residents.ts';
import { createShared } from './shared.ts';
import { createShelf } from './shelf.ts';
import type { SourceOptions } from './sourceOf.ts';

export type AdapterStoreOptions = Partial<SourceOptions> & {
  readonly engine: Engine;
  /** Keeps adapters over restarts, in a folder each. This worker's own: two workers on one would not know of each other. */
  readonly cacheDir: string;
  /** Bytes of adapters on disk; 10 GB without it. */
  readonly diskBytes?: number;
  /** Bytes of all that is being fetched at once; as many as are kept without it. */
  readonly arrivingBytes?: number;
  /** Bytes of loaded adapters; 2 GB without it. */
  readonly hostBytes?: number;
  /** Loaded adapters at most; no limit but bytes without it. */
  readonly maxLoaded?: number;
  /** Of one adapter. */
  readonly limits?: AdapterLimits;
  readonly stallMs?: number;
  readonly fetchMs?: number;
  readonly retry?: Backoff;
};

/** Fetches ahead at once. What a request waits for does not stand in this queue. */
const PRELOADS = 16;

/** Opens the store over its folder. @throws when the folder cannot be made or read */
export const createAdapterStore = async (options: AdapterStoreOptions): Promise<AdapterStore> => {
  const { engine, cacheDir, diskBytes = 10e9, hostBytes = 2e9, maxLoaded = Number.POSITIVE_INFINITY } = options;
  const { limits = adapterLimits, retry = { firstMs: 1_000, maxMs: 300_000 } } = options;
  const fetchLimits: FetchLimits = {
    ...limits,
    stallMs: options.stallMs ?? 15_000,
    totalMs: options.fetchMs ?? 600_000,
  };
  const sources = {
    db: options.db,
    allowPrivate: options.allowPrivate ?? false,
    allowFiles: options.allowFiles ?? false,
  };
  const { disk, stored } = await openDisk(cacheDir);
  const residents = createResidents(engine, { bytes: hostBytes, count: maxLoaded });
  const shelf = createShelf({
    disk,
    stored,
    maxBytes: diskBytes,
    maxArriving: options.arrivingBytes ?? diskBytes,
    limits: fetchLimits,
    sources,
    retry,
    residents,
  });
  const loadFailures = createFailures(retry);
  const lastUsed = new Map<Hex, Date>(stored.map(({ hash, usedAt }) => [hash, usedAt]));
  const errors = new Map<Hex, string>();
  const known = new Set<Hex>();
  const leases = { warm: 0, stored: 0, cold: 0, refused: 0 };
  let isClosed = false;

  /** A damaged file is let go of, to be fetched anew; what is as published and does not load will not load next time either. */
  const loadStored = async (hash: Hex, bytes: number): Promise<void> => {
    const failure = loadFailures.recent(hash);
    if (failure !== undefined) throw failure.error;
    try {
      await residents.load(hash, { folder: shelf.folderOf(hash), bytes });
      loadFailures.clear(hash);
    } catch (error) {
      if (!(error instanceof LoraError)) throw error;
      const found = await adapterHash(shelf.folderOf(hash), limits).catch(() => undefined);
      if (found !== hash) return shelf.remove(hash);
      const refused = new AdapterUnavailableError(`The adapter cannot be loaded: ${error.message}`, { cause: error });
      loadFailures.add(hash, refused);
      throw refused;
    }
  };
  const load = createShared(loadStored);

  /** Remembers of the last work on an adapter why it failed. */
  const noted = async <T>(hash: Hex, work: () => Promise<T>): Promise<T> => {
    known.add(hash);
    try {
      const done = await work();
      errors.delete(hash);
      return done;
    } catch (error) {
      errors.set(hash, (error as Error).message);
      throw error;
    }
  };

  /** Until it is loaded, or nobody wants it any more. */
  const bring = (adapter: { hash: Hex; uri: string }): Promise<void> =>
    noted(adapter.hash, async () => {
      const { hash } = adapter;
      while (residents.stateOf(hash) !== 'loaded' && residents.isWanted(hash)) {
        if (isClosed) throw new AdapterUnavailableError('The adapter store is closed');
        await shelf.bring(adapter);
        const bytes = shelf.bytesOf(hash);
        if (bytes !== undefined) await load(hash, bytes);
      }
      shelf.use(hash);
    });

  /** Loads what finds room without others having to go. */
  const loadIfFree = createQueue(1);
  const fetchAhead = createQueue(PRELOADS);

  const stateOf = (hash: Hex): AdapterState => {
    const state = residents.stateOf(hash);
    if (state !== undefined) return state;
    if (shelf.isFetching(hash)) return 'fetching';
    if (errors.has(hash)) return 'failed';
    return shelf.bytesOf(hash) === undefined ? 'known' : 'stored';
  };
  const statusOf = (hash: Hex): AdapterStatus => ({
    hash,
    state: stateOf(hash),
    isPinned: residents.isPinned(hash),
    bytes: shelf.bytesOf(hash) ?? 0,
    leases: residents.claims(hash),
    fetchMs: shelf.fetchMs(hash),
    loadMs: residents.loadMs(hash),
    lastUsedAt: lastUsed.get(hash),
    error: errors.get(hash),
  });

  return {
    acquire: async (adapter, { signal } = {}) => {
      signal?.throwIfAborted();
      const { hash } = adapter;
      const wasWarm = residents.stateOf(hash) === 'loaded';
      const found = wasWarm ? 'warm' : shelf.bytesOf(hash) === undefined ? 'cold' : 'stored';
      const release = residents.claim(hash);
      try {
        await orAborted(bring(adapter), signal);
      } catch (error) {
        release();
        leases.refused += 1;
        throw error;
      }
      leases[found] += 1;
      lastUsed.set(hash, new Date());
      return { hash, wasWarm, release };
    },
    preload: async (adapter, { pin = false } = {}) => {
      const { hash } = adapter;
      known.add(hash);
      if (pin) residents.pin(hash);
      await fetchAhead(() => (pin ? bring(adapter) : noted(hash, () => shelf.bring(adapter))));
      if (!pin) {
        await loadIfFree(async () => {
          const bytes = shelf.bytesOf(hash);
          if (bytes === undefined || !residents.hasRoom(bytes)) return;
          const release = residents.claim(hash);
          await bring(adapter).finally(release);
        });
      }
    },
    bring: async (adapter) => {
      await noted(adapter.hash, () => shelf.bring(adapter));
      shelf.use(adapter.hash);
      return shelf.folderOf(adapter.hash);
    },
    retire: (hash) => {
      residents.unpin(hash);
      shelf.forget(hash);
      loadFailures.clear(hash);
      errors.delete(hash);
      known.delete(hash);
    },
    status: () => [...new Set([...known, ...shelf.hashes()])].map(statusOf),
    counts: () => ({ ...leases, ...shelf.counts(), unloaded: residents.unloaded() }),
    close: async () => {
      isClosed = true;
      await shelf.close();
    },
  };
};
