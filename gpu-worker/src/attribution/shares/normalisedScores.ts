import { nearestRank } from './nearestRank.ts';

export type NormOptions = {
  /** √(gᵀH⁻¹g) of each row. */
  readonly norms: Float64Array;
  /** A row's score is divided by its norm, or by this where it is more: by {@link leastNormOf}. */
  readonly leastNorm: number;
  /** √(φᵀH⁻¹φ) of the query. */
  readonly queryNorm: number;
};

/** √(gᵀH⁻¹g) that `quantile` parts per million of contributions' rows do not pass, by nearest rank; a copy is no row of its own. */
export const leastNormOf = (
  norms: Float64Array,
  { contributionOf, clusters }: { readonly contributionOf: (row: number) => bigint; readonly clusters: Uint32Array },
  quantile: number,
): number =>
  nearestRank(
    norms.filter((_, row) => clusters[row] === row && contributionOf(row) !== 0n),
    quantile,
  );

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
    return size > 0 ? Math.floor((product / size) * 1e6) : 0;
  });
