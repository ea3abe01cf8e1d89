import type { Algorithm } from '@openledger/protocol/attribution';
import { type Scores, summed } from './scores.ts';

/** Rows that are scored: of contributions, and foreign ones, of contribution 0, whose scores are what chance alone gives. */
export type ScoredRows = {
  readonly count: number;
  readonly contributionOf: (row: number) => bigint;
  /** For each row the first row that is the same but for little: itself where none is. */
  readonly clusters: Uint32Array;
};

const millionths = 1e6;

/**
 * Whitened cosines of rows with an answer, in millionths, rounded down: products / (norm of the row · norm of the query). One
 * multiplication, one division and one more multiplication of IEEE 754 in this order, so the same whole numbers on every machine.
 *
 * @param products H⁻¹φ(q) · g of each row, exact: as `scoreRows` finds them
 * @param norms √(gᵀH⁻¹g) of each row
 * @param queryNorm √(φᵀH⁻¹φ); where it or a row's is 0, the cosine is 0
 */
export const cosinesOf = (products: Float64Array, norms: Float64Array, queryNorm: number): Int32Array =>
  Int32Array.from(products, (product, row) => {
    const size = norms[row]! * queryNorm;
    return size > 0 ? Math.floor((product / size) * millionths) : 0;
  });

/** The score that `quantile` parts per million of foreign rows do not pass, by nearest rank; at least 0. */
export const nullBandOf = (foreign: readonly number[], quantile: number): number => {
  const ascending = foreign.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((quantile * ascending.length) / millionths));
  return Math.max(0, ascending[rank - 1] ?? 0);
};

/**
 * What rows' cosines say of contributions: copies say nothing, what chance would give is taken off each row, and what is left of a
 * contribution's rows is summed. So neither copying a row nor dividing rows among contributions makes more of them.
 */
export const influenceScores = (
  cosines: Int32Array,
  { count, contributionOf, clusters }: ScoredRows,
  { influence }: Pick<Algorithm, 'influence'>,
): Scores => {
  const foreign: number[] = [];
  for (let row = 0; row < count; row++) if (contributionOf(row) === 0n) foreign.push(cosines[row]!);
  const band = nullBandOf(foreign, influence.nullQuantile);
  const parts: [bigint, bigint][] = [];
  for (let row = 0; row < count; row++) {
    const contributionId = contributionOf(row);
    const isFirst = clusters[row] === row;
    if (contributionId !== 0n && isFirst && cosines[row]! > band)
      parts.push([contributionId, BigInt(cosines[row]! - band)]);
  }
  return summed(parts);
};
