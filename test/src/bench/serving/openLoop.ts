import { type Figures, round } from '../report.ts';
import { askInTime, summarise } from './answers.ts';
import { asking } from './engine.ts';
import type { Ground } from './throughput.ts';
import { createWorkload, usual } from './workload.ts';

/**
 * Open loop at two thirds of what the engine does at most: what those who ask see, for each number of adapters; and for the
 * most of them with half of the requests for a few of them, and arrivals in bursts.
 */
export const openLoop = async ({
  plan,
  engine,
  adapters,
  source,
  progress,
  most,
}: Ground & { /** Requests a second. */ readonly most: number }): Promise<Figures> => {
  const rate = (most * 2) / 3;
  const figures: Record<string, number> = { open_loop_req_s: round(rate, 2) };
  const cases = [
    ...plan.counts.map((count) => ({ name: `adapters_${count}`, count, alpha: usual.alpha, cv: usual.cv })),
    { name: 'skewed', count: plan.counts.at(-1)!, alpha: 0.1, cv: usual.cv },
    { name: 'bursts', count: plan.counts.at(-1)!, alpha: usual.alpha, cv: 3 },
  ];
  for (const { name, count, alpha, cv } of cases) {
    progress(`open loop, ${name.replaceAll('_', ' ')}`);
    const workload = createWorkload(source, {
      ...usual,
      ...{ seed: 100, requests: plan.arrivals, adapters: count, alpha, cv, rate },
      context: engine.info.maxContext,
    });
    const served = summarise(await askInTime(asking(engine, adapters), workload));
    Object.assign(figures, {
      [`${name}_req_s`]: round(served.requestsPerSecond, 2),
      [`${name}_ttft_mean_ms`]: round(served.firstMeanMs, 1),
      [`${name}_ttft_p50_ms`]: round(served.firstP50Ms, 1),
      [`${name}_ttft_p90_ms`]: round(served.firstP90Ms, 1),
      [`${name}_token_ms`]: round(served.tokenMs, 2),
      [`${name}_attainment`]: round(served.attainment, 3),
      [`${name}_aborts`]: served.refused + served.failed,
    });
  }
  return figures;
};
