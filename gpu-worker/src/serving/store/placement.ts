import type { Hex } from '@openledger/protocol';
import type { LiveCatalogue } from '../catalogue/index.ts';
import type { AdapterStore, ServedModel } from '../served.ts';

export type PlacementOptions = {
  readonly catalogue: Pick<LiveCatalogue, 'find' | 'all' | 'follow'>;
  readonly store: AdapterStore;
  /** Names of models, as clients call them, or hashes of adapters, that are always loaded. */
  readonly pinned?: readonly string[];
  /** Milliseconds between two tries of what could not be fetched; 30,000 without it. */
  readonly everyMs?: number;
  /** Told once of each adapter that cannot be placed, and why. */
  readonly onTrouble?: (model: ServedModel, error: Error) => void;
};

/** Brings what is deployed here near before anybody asks for it, and lets go of what no longer is. */
export type Placement = {
  /** Settles once everything that is deployed now was tried. */
  readonly settled: () => Promise<void>;
  readonly close: () => void;
};

export const createPlacement = (options: PlacementOptions): Placement => {
  const { catalogue, store, pinned = [], everyMs = 30_000, onTrouble = () => {} } = options;
  const told = new Map<Hex, string>();
  let isPinned = new Set<Hex>();
  let isClosed = false;
  const pins = (): Set<Hex> =>
    new Set(
      pinned.flatMap((name) => catalogue.find(name)?.adapterHash ?? (isHash(name) ? name.toLowerCase() : [])) as Hex[],
    );

  const place = async (model: ServedModel): Promise<void> => {
    const { adapterHash: hash, adapterUri: uri } = model;
    try {
      await store.preload({ hash, uri }, { pin: isPinned.has(hash) });
      told.delete(hash);
    } catch (error) {
      const { message } = error as Error;
      if (!told.has(hash) && !isClosed) onTrouble(model, error as Error);
      told.set(hash, message);
    }
  };

  let work: Promise<unknown> = Promise.resolve();
  /** Where not all find room, those that were asked for last do. */
  const placeAll = (models: readonly ServedModel[]): void => {
    const lastUsed = new Map(store.status().map(({ hash, lastUsedAt }) => [hash, lastUsedAt?.getTime() ?? 0]));
    const usedAt = ({ adapterHash }: ServedModel) => lastUsed.get(adapterHash) ?? 0;
    work = Promise.all([work, ...[...models].sort((a, b) => usedAt(b) - usedAt(a)).map(place)]);
  };

  const unfollow = catalogue.follow(({ added, removed }) => {
    const before = isPinned;
    isPinned = pins();
    const served = new Set(catalogue.all().map(({ adapterHash }) => adapterHash));
    const gone = removed.map(({ adapterHash }) => adapterHash).filter((hash) => !served.has(hash));
    for (const hash of [...gone, ...[...before].filter((hash) => !isPinned.has(hash))]) store.retire(hash);
    const isNewlyPinned = ({ adapterHash }: ServedModel) => isPinned.has(adapterHash) && !before.has(adapterHash);
    placeAll(catalogue.all().filter((model) => added.includes(model) || isNewlyPinned(model)));
  });
  const again = setInterval(
    () => placeAll(catalogue.all().filter(({ adapterHash }) => told.has(adapterHash))),
    everyMs,
  );
  again.unref();
  return {
    settled: async () => void (await work),
    close: () => {
      isClosed = true;
      unfollow();
      clearInterval(again);
    },
  };
};

const isHash = (text: string): boolean => /^0x[0-9a-f]{64}$/i.test(text);
