import { bagOf, shinglesOf } from './elements.ts';
import { likenessOf } from './likeness.ts';

/** As `algorithm.duplicates`. */
export type ClusterOptions = {
  /** Tokens of a shingle. */
  readonly shingle: number;
  /** Jaccard similarity, ppm, from which rows are one. */
  readonly similarity: number;
};

/**
 * For each row the first row that is the same but for little, itself where none is: one whose shingles are similar (some words
 * replaced), or whose tokens are, in whatever order (sentences or words moved). Rows are compared with first rows only, so that a
 * chain of small changes does not join rows that have little in common.
 *
 * @param rows tokens, the earliest contribution's first
 * @returns for each row the index of a row, not above its own
 * @example clusterRows([[1, 2, 3, 4, 5], [9, 8, 7, 6], [1, 2, 3, 4, 5]], { shingle: 4, similarity: 700_000 }) // [0, 1, 0]
 */
export const clusterRows = (
  rows: readonly ArrayLike<number>[],
  { shingle, similarity }: ClusterOptions,
): Uint32Array => {
  const likenesses = [
    likenessOf(
      rows.map((tokens) => shinglesOf(tokens, shingle)),
      similarity,
    ),
    likenessOf(rows.map(bagOf), similarity),
  ];
  const isFirst = new Uint8Array(rows.length);
  return Uint32Array.from(rows, (_, row) => {
    const first = likenesses.reduce((least, { firstLike }) => firstLike(row, isFirst, least), row);
    if (first === row) isFirst[row] = 1;
    return first;
  });
};
