import { createRandom } from '../../factory/index.ts';
import { LdsError } from './errors.ts';
import { spearman } from './spearman.ts';

export type Retrained = {
  /** Units of each subset that was trained on: rows or contributions by their index. */
  readonly subsets: readonly (readonly number[])[];
  /** [queries][subsets]: each query's loss after training on each subset. */
  readonly losses: readonly ArrayLike<number>[];
};

export type Lds = {
  /** Mean over the queries. */
  readonly lds: number;
  /** 95 % of samples drawn anew, of subsets and of queries, lie between. */
  readonly low: number;
  readonly high: number;
  readonly byQuery: readonly number[];
};

/**
 * Linear datamodeling score (Park et al. 2023, arXiv:2303.14186, section 3): of each query, the rank correlation over the
 * subsets of what a method predicts, the sum of its scores of the units in the subset, and of what training on it gives.
 *
 * @param scores [queries][units]: above 0 where the unit is said to lower the query's loss.
 * @throws LdsError when scores, subsets and losses do not fit together.
 */
export const linearDatamodelingScore = (
  scores: readonly ArrayLike<number>[],
  { subsets, losses }: Retrained,
  { samples = 1_000, seed = 1 }: { readonly samples?: number; readonly seed?: number } = {},
): Lds => {
  if (subsets.length < 2 || scores.length === 0) {
    throw new LdsError(`${subsets.length} subsets and ${scores.length} queries were given; 2 and 1 are the least`);
  }
  if (losses.length !== scores.length || losses.some(({ length }) => length !== subsets.length)) {
    throw new LdsError(
      `Losses are [${losses.length}][${losses[0]?.length}]; ${scores.length} queries and ${subsets.length} subsets were scored`,
    );
  }
  const predicted = scores.map((units) => subsets.map((subset) => sumOf(units, subset)));
  const gained = losses.map((values) => Float64Array.from(values, (loss) => -loss));
  const byQuery = predicted.map((sums, query) => spearman(sums, gained[query]!));
  const random = createRandom(seed);
  const drawn = Array.from({ length: samples }, () => {
    const chosen = Int32Array.from(subsets, () => random.below(subsets.length));
    const of = (values: ArrayLike<number>): Float64Array => Float64Array.from(chosen, (subset) => values[subset]!);
    return mean(
      byQuery.map(() => {
        const query = random.below(byQuery.length);
        return spearman(of(predicted[query]!), of(gained[query]!));
      }),
    );
  });
  return { lds: mean(byQuery), ...interval(drawn), byQuery };
};

/** Where the middle 95 % of samples lie. */
export const interval = (samples: readonly number[]): { low: number; high: number } => {
  const sorted = samples.toSorted((left, right) => left - right);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
  return { low: at(0.025), high: at(0.975) };
};

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const sumOf = (units: ArrayLike<number>, subset: readonly number[]): number => {
  let sum = 0;
  for (const unit of subset) {
    const score = units[unit];
    if (score === undefined) throw new LdsError(`A subset has unit ${unit}; ${units.length} units were scored`);
    sum += score;
  }
  return sum;
};
