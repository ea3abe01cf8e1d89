import {
  advanceWindow,
  type ChainSnapshot,
  type ChainWindow,
  type Entry,
  type Event,
  finalPosition,
  openWindow,
  positionAfter,
} from './chain-window.ts';
import type { Position } from './cursor.ts';

/** LATEST as soon as indexed, and taken back where the chain does; FINAL once it cannot be. */
export type Finality = 'LATEST' | 'FINAL';

export type FeedMessage = {
  readonly chainId: bigint;
  /** Where its reader stands on that chain once it has it. */
  readonly position: Position;
  /** The chain's newest final block then; null where only the time is known. */
  readonly finalBlock: bigint | null;
} & (
  | { readonly kind: 'EVENT'; readonly event: Event; readonly final: boolean }
  | { readonly kind: 'UNDONE'; readonly afterEventId: string }
);

/** What the windows become with what the tables say now, and what is told of it to those of each finality. */
export function moveOn(windows: ReadonlyMap<bigint, ChainWindow>, chains: readonly ChainSnapshot[]) {
  const next = new Map<bigint, ChainWindow>();
  const undone: FeedMessage[] = [];
  const added: FeedMessage[] = [];
  const final: FeedMessage[] = [];
  for (const snapshot of chains) {
    const { chainId } = snapshot;
    const window = windows.get(chainId);
    if (window === undefined) {
      next.set(chainId, openWindow(snapshot));
      continue;
    }
    const advance = advanceWindow(window, snapshot);
    next.set(chainId, advance.window);
    const { finalBlock } = advance.window;
    if (advance.undoneAfter !== null) {
      const position = positionAt(window, advance.undoneAfter);
      undone.push({ kind: 'UNDONE', chainId, afterEventId: advance.undoneAfter, position, finalBlock });
    }
    added.push(...advance.added.map((entry) => eventMessage(advance.window, entry)));
    final.push(...advance.finalized.map((entry) => eventMessage(advance.window, entry)));
  }
  return { next, latest: [...undone, ...added.sort(inOrder)], final: final.sort(inOrder) };
}

/** An event as those are told who have everything before it. */
export function eventMessage(window: ChainWindow, entry: Entry): FeedMessage {
  return {
    kind: 'EVENT',
    chainId: window.chainId,
    event: entry.event,
    final: entry.event.id <= window.finalId,
    finalBlock: window.finalBlock,
    position: positionAfter(window, entry),
  };
}

function positionAt(window: ChainWindow, id: string): Position {
  const entry = window.entries.find(({ event }) => event.id === id);
  return entry === undefined ? finalPosition(id) : positionAfter(window, entry);
}

/** As the chains' ids sort. */
export function inOrder(a: FeedMessage, b: FeedMessage): number {
  return a.position.at < b.position.at ? -1 : 1;
}
