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

/**
 * What chance alone may give a row, rounded down: the score that `nullQuantile` of the foreign rows do not pass, by nearest rank and at
 * least 0, times √(nullGrowth · ⌈log₂(rows + 1)⌉), at least 1. So whoever adds rows by the thousand raises the band with them.
 *
 * @param rows of contributions, copies left out
 */
export const nullBandOf = (
  foreign: ArrayLike<number>,
  rows: number,
  { nullQuantile, nullGrowth }: Pick<Algorithm['influence'], 'nullQuantile' | 'nullGrowth'>,
): number => {
  const score = BigInt(Math.max(0, nearestRank(Float64Array.from(foreign), nullQuantile)));
  const growth = BigInt(nullGrowth) * BigInt(rows.toString(2).length);
  return Number(growth > million ? squareRoot((score * score * growth) / million) : score);
};

const million = 1_000_000n;

/** Rounded down. The floating square root is off by one at most, below 2^64. */
const squareRoot = (value: bigint): bigint => {
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  while (root * root > value) root--;
  while ((root + 1n) * (root + 1n) <= value) root++;
  return root;
};

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
  const first: number[] = [];
  for (let row = 0; row < count; row++) {
    if (contributionOf(row) === 0n) foreign.push(scores[row]!);
    else if (clusters[row] === row) first.push(row);
  }
  const band = nullBandOf(foreign, first.length, influence);
  const above = first.filter((row) => scores[row]! > band);
  return summed(above.map((row) => [contributionOf(row), BigInt(scores[row]! - band)]));
};
