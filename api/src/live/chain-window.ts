import { createHash } from 'node:crypto';
import type { Row } from '../schema/entity.ts';
import { blockOf, type Position } from './cursor.ts';

export type Event = Row<'activity'>;

/** An event that may still be taken back, with what tells it from another in its place. */
export type Entry = {
  readonly event: Event;
  readonly fingerprint: bigint;
  /** Of the fingerprints of all entries up to this one, since the window was opened. */
  readonly sum: bigint;
};

/** What one chain has that is not final yet, as it was last told. */
export type ChainWindow = {
  readonly chainId: bigint;
  /** Everything up to this id is final. */
  readonly finalId: string;
  /** Null where only the time is known. */
  readonly finalBlock: bigint | null;
  readonly indexedBlock: bigint;
  readonly sumAtFinal: bigint;
  /** After `finalId`, in order. */
  readonly entries: readonly Entry[];
};

/** What the tables say of a chain at one moment. */
export type ChainSnapshot = {
  readonly chainId: bigint;
  readonly finalId: string;
  readonly finalBlock: bigint | null;
  readonly indexedBlock: bigint;
  /** All events after the window's `finalId`, in order; after the snapshot's own where there was no window. */
  readonly events: readonly Event[];
};

/** What happened between two looks, in the order in which it is told. */
export type Advance = {
  readonly window: ChainWindow;
  /** Everything after this id is taken back; null where nothing is. */
  readonly undoneAfter: string | null;
  readonly added: readonly Entry[];
  readonly finalized: readonly Entry[];
};

const SUM_MASK = (1n << 128n) - 1n;

/** 128 bits that tell an event from another one with the same id on another branch of the chain. */
export function fingerprintOf({ id, txHash, actor, args }: Event): bigint {
  const digest = createHash('sha256')
    .update(`${id}|${txHash}|${actor}|${JSON.stringify(args)}`)
    .digest('hex');
  return BigInt(`0x${digest.slice(0, 32)}`);
}

export const addSums = (a: bigint, b: bigint): bigint => (a + b) & SUM_MASK;
const subtractSums = (a: bigint, b: bigint): bigint => (a - b) & SUM_MASK;

export function openWindow(snapshot: ChainSnapshot): ChainWindow {
  const { events, ...rest } = snapshot;
  return { ...rest, sumAtFinal: 0n, entries: entriesOf(events, 0n) };
}

/**
 * Moves a window on to what the tables say now. An event that was told and is not there is taken back once the index has
 * reached its block or holds a later one; until then the index may only have restarted, and comes back to it.
 */
export function advanceWindow(window: ChainWindow, snapshot: ChainSnapshot): Advance {
  const told = window.entries;
  const { events, indexedBlock } = snapshot;
  let same = 0;
  while (same < told.length && same < events.length && isSame(told[same]!, events[same]!)) same += 1;
  const broken = same < told.length && (same < events.length || told[same]!.event.block <= indexedBlock);
  const waiting = same < told.length && !broken;
  const kept = waiting ? told : told.slice(0, same);
  const added = entriesOf(events.slice(same), kept.at(-1)?.sum ?? window.sumAtFinal);
  const entries = [...kept, ...added];

  const finalId = snapshot.finalId > window.finalId ? snapshot.finalId : window.finalId;
  const finals = entries.findIndex(({ event }) => event.id > finalId);
  const finalized = finals === -1 ? entries : entries.slice(0, finals);
  return {
    window: {
      chainId: window.chainId,
      finalId,
      finalBlock: finalId === snapshot.finalId ? snapshot.finalBlock : window.finalBlock,
      indexedBlock,
      sumAtFinal: finalized.at(-1)?.sum ?? window.sumAtFinal,
      entries: finals === -1 ? [] : entries.slice(finals),
    },
    undoneAfter: broken ? (told[same - 1]?.event.id ?? window.finalId) : null,
    added,
    finalized,
  };
}

/** Where somebody stands who has been told of everything up to an event, as far as `window` knows. */
export function positionAfter({ finalId, sumAtFinal }: ChainWindow, { event, sum }: Entry): Position {
  if (event.id <= finalId) return finalPosition(event.id);
  return { base: finalId, at: event.id, sum: subtractSums(sum, sumAtFinal) };
}

/** Where somebody stands who has been told of everything up to an id that is final. */
export function finalPosition(id: string): Position {
  return { base: id, at: id, sum: 0n };
}

/** Where somebody stands who has been told of all that a window holds. */
export function endOf(window: ChainWindow): Position {
  const last = window.entries.at(-1);
  return last === undefined ? finalPosition(window.finalId) : positionAfter(window, last);
}

/** The sum over the window's entries after one id up to another. */
export function sumBetween({ entries }: ChainWindow, after: string, upTo: string): bigint {
  return entries
    .filter(({ event }) => event.id > after && event.id <= upTo)
    .reduce((sum, { fingerprint }) => addSums(sum, fingerprint), 0n);
}

/** Whether the index has what `id` would be, if it is there: before, nothing can be said about it. */
export function reaches({ finalId, indexedBlock, entries }: ChainWindow, id: string): boolean {
  return id <= finalId || blockOf(id) <= indexedBlock || (entries.at(-1)?.event.id ?? '') >= id;
}

function isSame({ event, fingerprint }: Entry, other: Event): boolean {
  return event.id === other.id && fingerprint === fingerprintOf(other);
}

function entriesOf(events: readonly Event[], sumBefore: bigint): Entry[] {
  let sum = sumBefore;
  return events.map((event) => {
    const fingerprint = fingerprintOf(event);
    sum = addSums(sum, fingerprint);
    return { event, fingerprint, sum };
  });
}
