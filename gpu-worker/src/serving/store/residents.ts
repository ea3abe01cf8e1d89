import type { Hex } from '@openledger/protocol';
import type { Engine } from '../engine.ts';
import { AdapterUnavailableError } from '../served.ts';
import { type Capacity, type Occupant, roomFor } from './room.ts';

type Resident = { bytes: number; state: 'loading' | 'loaded' | 'leaving'; ended: Promise<unknown> };

/** Bytes in memory for one in a file at most: numbers of 8 bits become floats. */
const MOST_GROWTH = 4;

/** The adapters in the engine's memory: loads them, and lets go of those not used for longest when others need the room. */
export type Residents = {
  readonly stateOf: (hash: Hex) => 'loading' | 'loaded' | undefined;
  readonly claims: (hash: Hex) => number;
  readonly isPinned: (hash: Hex) => boolean;
  /** Claimed or pinned. */
  readonly isWanted: (hash: Hex) => boolean;
  /** Settles when something was given back, loaded or let go of. */
  readonly changed: () => Promise<void>;
  /** Lets who waits for a change look again. */
  readonly wake: () => void;
  /** Bytes that one more of such files would take are free. */
  readonly hasRoom: (fileBytes: number) => boolean;
  /** Keeps an adapter from being let go of, and lets it wait for room, until the returned function is called. */
  readonly claim: (hash: Hex) => () => void;
  readonly pin: (hash: Hex) => void;
  readonly unpin: (hash: Hex) => void;
  /**
   * Settles once it is loaded, or once nobody claims it any more. Whoever asks for the same shares the work.
   *
   * @throws AdapterUnavailableError when it cannot fit; what the engine throws.
   */
  readonly load: (hash: Hex, files: { readonly folder: string; readonly bytes: number }) => Promise<void>;
  /** Lets go of an adapter that nobody claims. @returns whether it is gone */
  readonly leave: (hash: Hex) => Promise<boolean>;
  readonly loadMs: (hash: Hex) => number | undefined;
  /** Adapters that were let go of. */
  readonly unloaded: () => number;
};

export const createResidents = (engine: Engine, capacity: Capacity): Residents => {
  const residents = new Map<Hex, Resident>();
  const claims = new Map<Hex, number>();
  const pinned = new Set<Hex>();
  const usedAt = new Map<Hex, number>();
  const took = new Map<Hex, number>();
  let uses = 0;
  let unloaded = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting: (() => void)[] = [];

  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const changed = () => new Promise<void>((resolve) => waiting.push(resolve));
  const claimsOf = (hash: Hex) => claims.get(hash) ?? 0;
  const isWanted = (hash: Hex) => claimsOf(hash) > 0 || pinned.has(hash);
  const bytesFor = (fileBytes: number) =>
    engine.info.adapterBytes === undefined ? fileBytes : Math.min(engine.info.adapterBytes, fileBytes * MOST_GROWTH);
  const occupants = (): readonly Occupant[] =>
    [...residents].map(([hash, { bytes, state }]) => ({
      hash,
      bytes,
      isHeld: isWanted(hash) || state !== 'loaded',
      isPinned: pinned.has(hash),
      usedAt: usedAt.get(hash) ?? 0,
    }));

  const leave = async (hash: Hex): Promise<boolean> => {
    const resident = residents.get(hash);
    if (resident === undefined) return true;
    if (resident.state === 'leaving') {
      await resident.ended.catch(() => {});
      // Somebody may have come for it meanwhile.
      return !residents.has(hash) && !isWanted(hash);
    }
    if (resident.state !== 'loaded' || isWanted(hash)) return false;
    resident.state = 'leaving';
    unloaded += 1;
    resident.ended = engine.unload(hash).finally(() => {
      residents.delete(hash);
      usedAt.delete(hash);
      wake();
    });
    await resident.ended;
    return true;
  };

  /** Takes the place of a new resident, in the order of asking. @returns undefined when nobody wants it any more */
  const place = async (hash: Hex, bytes: number): Promise<Resident | undefined> => {
    for (;;) {
      if (!isWanted(hash)) return undefined;
      const others = occupants().filter((other) => other.hash !== hash);
      const room = roomFor(bytes, others, capacity);
      if (room.when === 'never') {
        throw new AdapterUnavailableError(
          `The adapter takes ${bytes} bytes in memory, which are not free beside those that are pinned`,
        );
      }
      if (room.when === 'now' && room.victims.length === 0) {
        const resident: Resident = { bytes, state: 'loading', ended: Promise.resolve() };
        residents.set(hash, resident);
        return resident;
      }
      if (room.when === 'later') await changed();
      else await Promise.all(room.victims.map(leave));
    }
  };

  const bringIn = async (hash: Hex, { folder, bytes }: { folder: string; bytes: number }): Promise<void> => {
    // One that is on its way out must be gone first.
    await residents.get(hash)?.ended.catch(() => {});
    const taken = turn.then(() => place(hash, bytesFor(bytes)));
    turn = taken.catch(() => {});
    const resident = await taken;
    if (resident === undefined) return;
    try {
      const loaded = await engine.load({ hash, folder });
      took.set(hash, loaded.ms);
      resident.bytes = loaded.bytes;
      resident.state = 'loaded';
      usedAt.set(hash, ++uses);
    } catch (error) {
      residents.delete(hash);
      throw error;
    } finally {
      wake();
    }
  };

  const loading = new Map<Hex, Promise<void>>();
  return {
    stateOf: (hash) => {
      const state = residents.get(hash)?.state;
      return state === 'leaving' ? undefined : state;
    },
    claims: claimsOf,
    isPinned: (hash) => pinned.has(hash),
    isWanted,
    changed,
    wake,
    hasRoom: (fileBytes) => {
      const room = roomFor(bytesFor(fileBytes), occupants(), capacity);
      return room.when === 'now' && room.victims.length === 0;
    },
    claim: (hash) => {
      claims.set(hash, claimsOf(hash) + 1);
      usedAt.set(hash, ++uses);
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        const left = claimsOf(hash) - 1;
        if (left > 0) claims.set(hash, left);
        else claims.delete(hash);
        usedAt.set(hash, ++uses);
        wake();
      };
    },
    pin: (hash) => void pinned.add(hash),
    unpin: (hash) => {
      pinned.delete(hash);
      wake();
    },
    load: (hash, files) => {
      if (residents.get(hash)?.state === 'loaded') return Promise.resolve();
      let work = loading.get(hash);
      if (work === undefined) {
        work = bringIn(hash, files).finally(() => loading.delete(hash));
        loading.set(hash, work);
      }
      return work;
    },
    leave,
    loadMs: (hash) => took.get(hash),
    unloaded: () => unloaded,
  };
};
