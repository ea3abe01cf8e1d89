import type { Hex } from '@openledger/protocol';

/** Something that takes room. */
export type Occupant = {
  readonly hash: Hex;
  readonly bytes: number;
  /** It may not go: it is in use, or pinned. */
  readonly isHeld: boolean;
  /** It will not go, however long one waits. */
  readonly isPinned: boolean;
  /** Higher is later. */
  readonly usedAt: number;
};

export type Capacity = { readonly bytes: number; readonly count: number };

/** `now`, once `victims` are gone; `later`, when others are given back; or `never`. */
export type Room =
  | { readonly when: 'now'; readonly victims: readonly Hex[] }
  | { readonly when: 'later' }
  | { readonly when: 'never' };

/** Makes room for one more: what was not used for longest goes first, and no more than must. */
export const roomFor = (bytes: number, occupants: readonly Occupant[], capacity: Capacity): Room => {
  const isEnough = (present: readonly Occupant[]) =>
    present.length < capacity.count && bytes + present.reduce((sum, each) => sum + each.bytes, 0) <= capacity.bytes;
  if (!isEnough(occupants.filter(({ isPinned }) => isPinned))) return { when: 'never' };
  if (!isEnough(occupants.filter(({ isHeld }) => isHeld))) return { when: 'later' };
  const present = [...occupants];
  const victims: Hex[] = [];
  for (const candidate of occupants.filter(({ isHeld }) => !isHeld).sort((a, b) => a.usedAt - b.usedAt)) {
    if (isEnough(present)) break;
    present.splice(present.indexOf(candidate), 1);
    victims.push(candidate.hash);
  }
  return { when: 'now', victims };
};
