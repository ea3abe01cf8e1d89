import { longestMatch, type Segment } from './segment.ts';
import type { Surprise } from './unigrams.ts';

/** A passage of an answer that stands in the documents, by its tokens. */
export type Passage = {
  readonly from: number;
  /** After its last token. */
  readonly to: number;
  /** Sum of its tokens' surprise, millionths of a nat. */
  readonly surprise: number;
};

export type PassageOptions = {
  readonly segments: readonly Segment[];
  readonly surprise: Surprise;
  /** Whether a word begins with the answer's token at this place. The end of the answer counts as a beginning. */
  readonly beginsWord: (place: number) => boolean;
  /** Passages that are kept, as a part of the answer's tokens, in thousandths. */
  readonly perMille?: number;
  /** Passages with no more surprise than this are none; all are there when left out. */
  readonly chance?: number;
};

/**
 * The passages of an answer that say most about where it is from: as long as they can be, of whole words, none within
 * another, and of these the most surprising. Source: Liu et al., OLMoTrace, 2025.
 *
 * @returns in the order of the answer.
 */
export const passagesOf = (answer: Uint32Array, options: PassageOptions): readonly Passage[] => {
  const { segments, surprise, beginsWord, perMille = 50, chance = -1 } = options;
  const passages: Passage[] = [];
  let reached = 0;
  for (let from = 0; from < answer.length; from++) {
    if (!beginsWord(from)) continue;
    const length = Math.max(0, ...segments.map((segment) => longestMatch(segment, answer, from)));
    const to = lastBeginning(from + length, from, beginsWord);
    // A passage that ends where an earlier one did is a part of it.
    if (to <= Math.max(from, reached)) continue;
    reached = to;
    let sum = 0;
    for (let place = from; place < to; place++) sum += surprise.of(answer[place]!);
    if (sum > chance) passages.push({ from, to, surprise: sum });
  }
  const kept = Math.ceil((answer.length * perMille) / 1_000);
  const best = passages.toSorted((a, b) => b.surprise - a.surprise || a.from - b.from).slice(0, kept);
  return best.sort((a, b) => a.from - b.from);
};

const lastBeginning = (from: number, down: number, beginsWord: (place: number) => boolean): number => {
  let place = from;
  while (place > down && !beginsWord(place)) place--;
  return place;
};
