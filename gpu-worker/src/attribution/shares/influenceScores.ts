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

/** √(gᵀH⁻¹g) that `quantile` parts per million of contributions' rows do not pass, by nearest rank; a copy is no row of its own. */
export const leastNormOf = (norms: Float64Array, { contributionOf, clusters }: ScoredRows, quantile: number): number =>
  nearestRank(
    norms.filter((_, row) => clusters[row] === row && contributionOf(row) !== 0n),
    quantile,
  );

export type NormOptions = {
  /** √(gᵀH⁻¹g) of each row. */
  readonly norms: Float64Array;
  /** A row's score is divided by its norm, or by this where it is more: by {@link leastNormOf}. */
  readonly leastNorm: number;
  /** √(φᵀH⁻¹φ) of the query. */
  readonly queryNorm: number;
};

/**
 * Scores in millionths, rounded down: products / (the larger of the row's norm and `leastNorm` · the query's norm). So no row, however
 * extreme, has more than a million, which is the cosine 1. One multiplication, one division and one more multiplication of IEEE 754
 * in this order: the same whole numbers on every machine.
 *
 * @param products H⁻¹φ(q) · g of each row, exact: as `scoreRows` finds them. Where norms are 0, the score is.
 */
export const normalisedScores = (products: Float64Array, { norms, leastNorm, queryNorm }: NormOptions): Int32Array =>
  Int32Array.from(products, (product, row) => {
    const size = Math.max(norms[row]!, leastNorm) * queryNorm;
    return size > 0 ? Math.floor((product / size) * millionths) : 0;
  });

/** The score that `quantile` parts per million of foreign rows do not pass, by nearest rank; at least 0. */
export const nullBandOf = (foreign: ArrayLike<number>, quantile: number): number =>
  Math.max(0, nearestRank(Float64Array.from(foreign), quantile));

/** 0 where there are none. */
const nearestRank = (values: Float64Array, quantile: number): number => {
  const ascending = values.toSorted();
  return ascending[Math.max(1, Math.ceil((quantile * values.length) / millionths)) - 1] ?? 0;
};

/**
 * What rows' scores say of contributions: copies say nothing, what chance would give is taken off each row, and what is left of a
 * contribution's rows is summed. So neither copying a row nor dividing rows among contributions makes more of them.
 */
export const influenceScores = (
  scores: Int32Array,
  { count, contributionOf, clusters }: ScoredRows,
  { influence }: Pick<Algorithm, 'influence'>,
): Scores => {
  const foreign: number[] = [];
  for (let row = 0; row < count; row++) if (contributionOf(row) === 0n) foreign.push(scores[row]!);
  const band = nullBandOf(foreign, influence.nullQuantile);
  const parts: [bigint, bigint][] = [];
  for (let row = 0; row < count; row++) {
    const contributionId = contributionOf(row);
    const isFirst = clusters[row] === row;
    if (contributionId !== 0n && isFirst && scores[row]! > band)
      parts.push([contributionId, BigInt(scores[row]! - band)]);
  }
  return summed(parts);
};
