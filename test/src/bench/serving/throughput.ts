import { type Engine, openOnnxEngine } from '@openledger/gpu-worker/serving';
import { type Figures, round } from '../report.ts';
import type { StoredAdapter } from './adapters.ts';
import { askAlways, type Served, summarise } from './answers.ts';
import { asking } from './engine.ts';
import type { Plan } from './plan.ts';
import { median } from './spread.ts';
import { createWorkload, type Source, usual } from './workload.ts';

export type Ground = {
  readonly plan: Plan;
  /** All adapters are loaded. */
  readonly engine: Engine;
  readonly adapters: readonly StoredAdapter[];
  readonly source: Source;
  readonly progress: (message: string) => void;
};

/**
 * Closed loop, as many requests under way as there are rows: the most that the engine does, for each number of adapters, each
 * asked equally often, and for an engine that serves the bare base alone.
 */
export const throughput = async ({
  plan,
  engine,
  adapters,
  source,
  progress,
}: Ground): Promise<{ readonly figures: Figures; readonly perSecond: number }> => {
  const { counts, turns, rows, threads, requests, base: folder } = plan;
  const bare = await openOnnxEngine({ folder, threads, rows, queue: rows, maxRank: 0 });
  const measured = new Map<number, Served[]>([0, ...counts].map((count) => [count, []]));
  try {
    for (let turn = 0; turn < turns; turn++) {
      progress(`closed loop, turn ${turn + 1} of ${turns}`);
      // Whoever is first finds the machine as the last turn left it: they take turns at that as well.
      const order = [0, ...counts];
      for (const count of turn % 2 === 0 ? order : order.toReversed()) {
        const workload = createWorkload(source, {
          ...usual,
          seed: turn,
          requests,
          adapters: Math.max(1, count),
          rate: 1,
          context: engine.info.maxContext,
        });
        const ask = count === 0 ? asking(bare) : asking(engine, adapters);
        measured.get(count)!.push(summarise(await askAlways(ask, workload, rows)));
      }
    }
  } finally {
    await bare.close();
  }
  const rates = (count: number) => measured.get(count)!.map(({ tokensPerSecond }) => tokensPerSecond);
  const ratio = (left: number, right: number) => median(rates(left).map((rate, turn) => rate / rates(right)[turn]!));
  const most = counts.at(-1)!;
  return {
    figures: {
      bare_base_tok_s: round(median(rates(0))),
      ...Object.fromEntries(counts.map((count) => [`adapters_${count}_tok_s`, round(median(rates(count)))])),
      [`adapters_${most}_ratio`]: round(ratio(most, 1), 3),
      overhead_ratio: round(ratio(0, most), 3),
    },
    perSecond: median(measured.get(1)!.map(({ requestsPerSecond }) => requestsPerSecond)),
  };
};
