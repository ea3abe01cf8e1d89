import { drawSubsets, interval, mean, retrainSubsets } from '@openledger/gpu-worker/attribution/lds';
import { createRandom, rowCount } from '@openledger/gpu-worker/factory';
import { type Figures, round } from '../../report.ts';
import type { Plan } from '../part.ts';
import { measuredQueries, scoresOf } from './scores.ts';
import type { Setting } from './setting.ts';

/** Of the rows, what is removed. */
const part = 0.05;

/**
 * What a query loses when the 5 % of rows that it owes most to, by their scores, are not trained on, beside what it loses without
 * 5 % at random. Each query has a retraining of its own; those at random are for all queries.
 */
export const measureRemoval = async (
  setting: Setting,
  damping: number,
  { isQuick }: Plan,
  progress: (message: string) => void,
): Promise<Figures> => {
  const { base, rows, queries } = setting;
  const count = rowCount(rows);
  const removed = Math.round(count * part);
  const asked = measuredQueries(setting).slice(0, isQuick ? 2 : 12);
  const scores = scoresOf(setting, damping);
  const all = Array.from({ length: count }, (_, row) => row);
  const top = asked.map((query) =>
    all.toSorted((left, right) => scores[query]![right]! - scores[query]![left]!).slice(0, removed),
  );
  const chance = drawSubsets({ units: count, count: isQuick ? 2 : 10, part, seed: 11 });
  const without = [...top, ...chance].map((some) => all.filter((row) => !some.includes(row)));
  progress(`retraining ${without.length} times without ${removed} of ${count} rows`);
  const retrain = (subsets: readonly (readonly number[])[]) =>
    retrainSubsets(base, { recipe: setting.recipe(subsets[0]!.length), rows, queries, subsets, seeds: 1 });
  const whole = await retrain([all]);
  const losses = await retrain(without);
  const lost = (query: number, at: number): number => losses[query]![at]! - whole[query]![0]!;
  const found = asked.map((query, at) => lost(query, at));
  const random = asked.map((query) => chance.map((_, at) => lost(query, top.length + at)));
  const { next } = createRandom(1);
  const draw = (length: number): number[] => Array.from({ length }, () => Math.floor(next() * length));
  const drawn = Array.from({ length: 2_000 }, () => {
    const [chosen, sets] = [draw(asked.length), draw(chance.length)];
    const top = mean(chosen.map((query) => found[query]!));
    return [top, mean(chosen.flatMap((query) => sets.map((set) => random[query]![set]!)))] as const;
  });
  const of = (name: string, value: number, values: readonly number[]): Figures => {
    const { low, high } = interval(values);
    return { [name]: round(value, 3), [`${name}_low`]: round(low, 3), [`${name}_high`]: round(high, 3) };
  };
  const [topLost, randomLost] = [mean(found), mean(random.flat())];
  return {
    removal_queries: asked.length,
    removal_rows: removed,
    ...of(
      'removal_top_nats',
      topLost,
      drawn.map(([top]) => top),
    ),
    ...of(
      'removal_random_nats',
      randomLost,
      drawn.map(([, chance]) => chance),
    ),
    ...of(
      'removal_ratio',
      ratio(topLost, randomLost),
      drawn.map(([top, chance]) => ratio(top, chance)),
    ),
  };
};

/** At most 1,000, also where what is removed at random hurts nobody. */
const ratio = (top: number, random: number): number =>
  top > 0 && top > 1_000 * random ? 1_000 : top / Math.max(random, 1e-9);
