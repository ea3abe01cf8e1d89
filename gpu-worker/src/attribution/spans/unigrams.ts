import { logarithm } from './logarithm.ts';

/** How surprising each token is on its own, in millionths of a nat: whole numbers, so that sums are the same on every machine. */
export type Surprise = {
  readonly of: (token: number) => number;
};

/**
 * −ln of each token's part of all tokens. A token that never stands there is as surprising as one that stands there once.
 *
 * @param counts how often each token stands in the documents, by its id.
 */
export const surpriseOf = (counts: Uint32Array): Surprise => {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const values = Float64Array.from(counts, (count) => Math.round(1e6 * logarithm(total / Math.max(1, count))));
  return { of: (token) => values[token] ?? 0 };
};

/** @param tokens below `vocabSize`, or separators, which are not counted. */
export const countTokens = (texts: readonly Uint32Array[], vocabSize: number): Uint32Array => {
  const counts = new Uint32Array(vocabSize);
  for (const tokens of texts) for (const token of tokens) if (token < vocabSize) counts[token]!++;
  return counts;
};
