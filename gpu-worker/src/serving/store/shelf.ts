import type { Hex } from '@openledger/protocol';
import { type AdapterCounts, AdapterUnavailableError } from '../served.ts';
import type { Disk, Stored } from './disk.ts';
import { type Backoff, createFailures } from './failures.ts';
import { type FetchLimits, fetchAdapter } from './fetchAdapter.ts';
import type { Residents } from './residents.ts';
import { type Occupant, roomFor } from './room.ts';
import { SourceError } from './source.ts';
import { type SourceOptions, sourceOf } from './sourceOf.ts';

export type ShelfOptions = {
  readonly disk: Disk;
  /** What a former run left there. */
  readonly stored: readonly Stored[];
  /** Bytes of whole adapters that are kept. */
  readonly maxBytes: number;
  /** Bytes of all that is being fetched. */
  readonly maxArriving: number;
  readonly limits: FetchLimits;
  readonly sources: SourceOptions;
  readonly retry: Backoff;
  /** The memory that adapters are loaded into: what is wanted there stays on disk too. */
  readonly residents: Residents;
};

type Adapter = { readonly hash: Hex; readonly uri: string };
type Item = { bytes: number; usedAt: number };
type Fetching = { readonly adapter: Adapter; readonly work: Promise<void>; readonly stop: (reason: Error) => void };

/** The adapters on disk: fetches what is not there, keeps what is, within its bytes. */
export type Shelf = {
  /** Bytes of its files; undefined when it is not there. */
  readonly bytesOf: (hash: Hex) => number | undefined;
  readonly folderOf: (hash: Hex) => string;
  readonly hashes: () => Iterable<Hex>;
  readonly isFetching: (hash: Hex) => boolean;
  readonly fetchMs: (hash: Hex) => number | undefined;
  /**
   * Settles once the adapter is there. Whoever asks for the same of the same URI shares one fetch.
   *
   * @throws AdapterUnavailableError
   */
  readonly bring: (adapter: Adapter) => Promise<void>;
  readonly use: (hash: Hex) => void;
  readonly remove: (hash: Hex) => Promise<void>;
  /** Where it was not to be had may be tried at once. */
  readonly forget: (hash: Hex) => void;
  readonly counts: () => Pick<AdapterCounts, 'fetched' | 'fetchedBytes' | 'removed'>;
  readonly close: () => Promise<void>;
};

/** How often an adapter's time of use is written down. */
const TOUCH_MS = 60_000;

export const createShelf = (options: ShelfOptions): Shelf => {
  const { disk, maxBytes, maxArriving, limits, sources, residents } = options;
  const items = new Map<Hex, Item>();
  const touched = new Map<Hex, number>();
  const took = new Map<Hex, number>();
  const fetching = new Map<string, Fetching>();
  const failures = createFailures(options.retry);
  let uses = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  let arriving = 0;
  const counts = { fetched: 0, fetchedBytes: 0, removed: 0 };

  for (const { hash, bytes } of [...options.stored].sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())) {
    items.set(hash, { bytes, usedAt: ++uses });
  }

  const remove = async (hash: Hex): Promise<void> => {
    items.delete(hash);
    touched.delete(hash);
    await disk.remove(hash);
  };

  const occupants = (): readonly Occupant[] =>
    [...items].map(([hash, { bytes, usedAt }]) => {
      const isPinned = residents.isPinned(hash);
      const isHeld = isPinned || residents.claims(hash) > 0 || residents.stateOf(hash) === 'loading';
      return { hash, bytes, isHeld, isPinned, usedAt };
    });

  /** Whoever only fetches ahead does not wait until something is given back. */
  const makeRoom = async (hash: Hex, bytes: number): Promise<void> => {
    for (;;) {
      const room = roomFor(bytes, occupants(), { bytes: maxBytes, count: Number.POSITIVE_INFINITY });
      if (room.when === 'now' && room.victims.length === 0) return;
      if (room.when === 'never' || (room.when === 'later' && !residents.isWanted(hash)) || isClosed) {
        throw new AdapterUnavailableError(
          `The adapter has ${bytes} bytes, which are not free on disk beside those in use`,
        );
      }
      if (room.when === 'later') await residents.changed();
      else for (const victim of room.victims) await giveUp(victim);
    }
  };
  const giveUp = async (hash: Hex): Promise<void> => {
    if (!(await residents.leave(hash))) return;
    await remove(hash);
    counts.removed += 1;
  };

  const put = (staged: string, hash: Hex, bytes: number): Promise<void> => {
    const done = turn.then(async () => {
      if (items.has(hash)) return;
      await makeRoom(hash, bytes);
      await disk.commit(staged, hash);
      items.set(hash, { bytes, usedAt: ++uses });
    });
    turn = done.catch(() => {});
    return done;
  };

  const fetch = async ({ hash, uri }: Adapter, signal: AbortSignal): Promise<void> => {
    const began = performance.now();
    const source = sourceOf(uri, sources);
    const staged = await disk.stage();
    let arrived = 0;
    const onBytes = (bytes: number) => {
      arrived += bytes;
      arriving += bytes;
      if (arriving > maxArriving) {
        throw new AdapterUnavailableError(`All that is fetched now has more than ${maxArriving} bytes`);
      }
    };
    try {
      const fetched = await fetchAdapter(source, staged, { limits, signal, onBytes });
      counts.fetched += 1;
      counts.fetchedBytes += fetched.bytes;
      if (fetched.hash !== hash) {
        throw new SourceError(`The files at its URI have hash ${fetched.hash}; the chain says ${hash}`);
      }
      await put(staged, hash, fetched.bytes);
      took.set(hash, performance.now() - began);
    } finally {
      arriving -= arrived;
      await disk.discard(staged);
    }
  };

  const start = (adapter: Adapter): Fetching => {
    const key = `${adapter.hash} ${adapter.uri}`;
    const running = fetching.get(key);
    if (running !== undefined) return running;
    const stop = new AbortController();
    const work = fetch(adapter, stop.signal)
      .then(
        () => failures.clear(key),
        (error: Error) => {
          if (items.has(adapter.hash)) return;
          if (error instanceof SourceError) failures.add(key, error);
          throw unavailable(error);
        },
      )
      .finally(() => {
        fetching.delete(key);
        // Others that fetch the same from elsewhere need not.
        if (items.has(adapter.hash)) {
          for (const other of fetching.values()) {
            if (other.adapter.hash === adapter.hash) other.stop(new Error('It is there by now'));
          }
        }
      });
    const made = { adapter, work, stop: (reason: Error) => stop.abort(reason) };
    fetching.set(key, made);
    return made;
  };

  return {
    bytesOf: (hash) => items.get(hash)?.bytes,
    folderOf: disk.folderOf,
    hashes: () => items.keys(),
    isFetching: (hash) => [...fetching.values()].some(({ adapter }) => adapter.hash === hash),
    fetchMs: (hash) => took.get(hash),
    bring: async (adapter) => {
      if (items.has(adapter.hash)) return;
      if (isClosed) throw new AdapterUnavailableError('The adapter store is closed');
      const failure = failures.recent(`${adapter.hash} ${adapter.uri}`);
      if (failure !== undefined) throw unavailable(failure.error, failure.retryMs);
      await start(adapter).work;
    },
    use: (hash) => {
      const item = items.get(hash);
      if (item === undefined) return;
      item.usedAt = ++uses;
      const now = Date.now();
      if (now - (touched.get(hash) ?? 0) < TOUCH_MS) return;
      touched.set(hash, now);
      void disk.touch(hash, new Date(now));
    },
    remove,
    forget: (hash) => failures.clearAll((key) => key.startsWith(hash)),
    counts: () => ({ ...counts }),
    close: async () => {
      isClosed = true;
      for (const { stop } of fetching.values()) stop(new AdapterUnavailableError('The adapter store is closed'));
      residents.wake();
      await Promise.allSettled([...fetching.values()].map(({ work }) => work));
      await turn;
    },
  };
};

const unavailable = (error: Error, retryMs?: number): AdapterUnavailableError => {
  if (error instanceof AdapterUnavailableError && retryMs === undefined) return error;
  const wait = retryMs === undefined ? '' : `; it is tried again in ${Math.ceil(retryMs / 1000)} s`;
  return new AdapterUnavailableError(`The adapter cannot be fetched: ${error.message}${wait}`, { cause: error });
};
