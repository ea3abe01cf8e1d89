import { interval, mean, pearson, retrainSubsets, spearman } from '@openledger/gpu-worker/attribution/lds';
import { createRandom, rowCount } from '@openledger/gpu-worker/factory';
import { type Figures, round } from '../../report.ts';
import type { Plan } from '../part.ts';
import { measuredQueries, scoresOf } from './scores.ts';
import type { Setting } from './setting.ts';

/** Whether a row's score orders rows as leaving that row alone out does: for each query, over rows at equal distances. */
export const measureLeaveOneOut = async (
  setting: Setting,
  damping: number,
  { isQuick }: Plan,
  progress: (message: string) => void,
): Promise<Figures> => {
  const { base, rows, queries } = setting;
  const count = rowCount(rows);
  const left = isQuick ? 3 : 24;
  const out = Array.from({ length: left }, (_, at) => Math.floor((at * count) / left));
  const all = Array.from({ length: count }, (_, row) => row);
  progress(`retraining ${left} times, each without one of ${count} rows`);
  const losses = await retrainSubsets(base, {
    ...{ recipe: setting.recipe(count - 1), rows, queries, seeds: 1 },
    subsets: out.map((row) => all.filter((other) => other !== row)),
  });
  const scores = scoresOf(setting, damping);
  const pairs = measuredQueries(setting).map(
    (query) => [out.map((row) => scores[query]![row]!), losses[query]!] as const,
  );
  const ranks = pairs.map(([scored, lost]) => spearman(scored, lost));
  const { next } = createRandom(1);
  const { low, high } = interval(
    Array.from({ length: 2_000 }, () => mean(ranks.map(() => ranks[Math.floor(next() * ranks.length)]!))),
  );
  return {
    leave_one_out_rows: left,
    leave_one_out_spearman: round(mean(ranks), 4),
    leave_one_out_spearman_low: round(low, 4),
    leave_one_out_spearman_high: round(high, 4),
    leave_one_out_pearson: round(mean(pairs.map(([scored, lost]) => pearson(scored, lost))), 4),
  };
};
