import { createRandom } from '../../factory/index.ts';
import { LdsError } from './errors.ts';

export type SubsetsOptions = {
  readonly units: number;
  readonly count: number;
  /** Of the units, what each subset has; 1/2 by default. */
  readonly part?: number;
  readonly seed: number;
};

/**
 * Subsets of 0 … units − 1, ascending, each as likely as any other, no two the same. The seed decides all.
 *
 * @throws LdsError when there are not as many different ones.
 */
export const drawSubsets = ({ units, count, part = 0.5, seed }: SubsetsOptions): number[][] => {
  const size = Math.round(units * part);
  if (size < 1 || size >= units) throw new LdsError(`A subset of ${size} of ${units} units tells nothing`);
  if (choose(units, size) < count) {
    throw new LdsError(
      `There are only ${choose(units, size)} subsets of ${size} of ${units} units; ${count} were asked`,
    );
  }
  const random = createRandom(seed);
  const drawn = new Map<string, number[]>();
  while (drawn.size < count) {
    const all = Array.from({ length: units }, (_, unit) => unit);
    for (let at = 0; at < size; at++) {
      const other = at + random.below(units - at);
      [all[at], all[other]] = [all[other]!, all[at]!];
    }
    const subset = all.slice(0, size).sort((left, right) => left - right);
    drawn.set(subset.join(), subset);
  }
  return [...drawn.values()];
};

/** Binomial coefficient; grows beyond all counts that matter. */
const choose = (from: number, size: number): number => {
  let ways = 1;
  for (let at = 1; at <= size; at++) ways = (ways * (from - size + at)) / at;
  return Math.round(ways);
};
