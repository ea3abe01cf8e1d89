import type { Hex } from '@openledger/protocol';

/** A row of a contribution that may help with an answer. */
export type Passage = {
  readonly datanetId: bigint;
  readonly contributionId: bigint;
  readonly contentHash: Hex;
  /** Its place among the content's texts, from 0. */
  readonly row: number;
  readonly text: string;
};

/** A passage that was found, and the words that it was found by. */
export type Candidate = Passage & { readonly words: ReadonlySet<string> };

/** From which part of their words in common two passages say the same. */
const SAME = 0.7;

/**
 * Of candidates in order, those that say something of their own: of several that say nearly the same, the one of the earliest
 * contribution, in the place of the best. So nobody gains from copying what is found already.
 */
export const distinct = (candidates: readonly Candidate[]): readonly Passage[] => {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    const same = kept.findIndex(({ words }) => similarity(words, candidate.words) >= SAME);
    if (same < 0) kept.push(candidate);
    else if (isEarlier(candidate, kept[same]!)) kept[same] = candidate;
  }
  return kept.map(({ words: _, ...passage }) => passage);
};

const isEarlier = (one: Passage, other: Passage): boolean =>
  one.contributionId < other.contributionId || (one.contributionId === other.contributionId && one.row < other.row);

/** Jaccard's, of two sets. */
const similarity = (left: ReadonlySet<string>, right: ReadonlySet<string>): number => {
  const common = left.intersection(right).size;
  const all = left.size + right.size - common;
  return all === 0 ? 1 : common / all;
};
