import { initialise, trainingModel } from '@openledger/gpu-worker/base';
import {
  asInputs,
  createEvaluator,
  type Job,
  parametersOf,
  predictMemory,
  type Rows,
  runTraining,
} from '@openledger/gpu-worker/factory';
import { graft, initialArrays, modulesOf, newConfig, sharedOptions } from '@openledger/gpu-worker/lora';
import { inferShapes } from '@openledger/gpu-worker/onnx';
import type { Case, Measured } from './case.ts';

// A process of its own, so that its peak of memory is that of one training: `node measure.ts <case as JSON>`.

/** The ids of the one batch that every step takes; `pytorch.py` has the same rule. */
const rowsOf = ({ config, batch, sequence }: Case): Rows => {
  const ids = Int32Array.from(
    { length: batch * sequence },
    (_, at) => (at * 7919 + Math.floor(at / 13) * 104729) % config.vocab_size,
  );
  return { sequence, ids, labels: ids };
};

const jobOf = (given: Case): Job => {
  const { config, mode, rank, targets, batch, steps, rate, threads } = given;
  const weights = initialise(config, 1);
  const base = trainingModel(config, weights);
  const trained = (): Pick<Job, 'model' | 'parameters'> => {
    if (mode === 'full') return asInputs(base, [...weights.keys()]);
    const adapter = newConfig({ rank, alpha: rank, targetModules: targets, taskType: 'CAUSAL_LM' });
    const shared = graft(inferShapes(base), sharedOptions(adapter, modulesOf(base)));
    return { model: shared.model, parameters: parametersOf(initialArrays(shared, 1)) };
  };
  const schedule = { peak: rate, warmup: 0, steps, decay: 'none', floor: 0 } as const;
  return { ...trained(), data: rowsOf(given), batch, schedule, clip: 1, seed: 1, threads };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const measure = async (given: Case): Promise<Measured> => {
  const job = jobOf(given);
  const predicted = predictMemory(job).total;
  const before = process.memoryUsage().rss;
  const [times, losses]: [number[], number[]] = [[], []];
  let last = performance.now();
  await runTraining(job, {
    onProgress: ({ kind, loss }) => {
      if (kind !== 'step') return;
      const now = performance.now();
      times.push(now - last);
      losses.push(loss);
      last = now;
    },
  });
  const peak = process.resourceUsage().maxRSS * 1024 - before;
  const { data: rows, batch, parameters, model, threads } = job;
  const evaluator = await createEvaluator(model, { rows, batch, parameters, threads });
  const forward: number[] = [];
  for (let round = 0; round < 7; round++) {
    const started = performance.now();
    await evaluator.run();
    forward.push(performance.now() - started);
  }
  await evaluator.close();
  const step_ms = median(times.slice(Math.min(2, times.length - 1)));
  const tokens = given.batch * (given.sequence - 1);
  return {
    step_ms,
    forward_ms: median(forward.slice(2)),
    tokens_per_s: (tokens / step_ms) * 1000,
    peak_bytes: peak,
    predicted_bytes: predicted,
    losses,
  };
};

process.stdout.write(`${JSON.stringify(await measure(JSON.parse(process.argv[2]!)))}\n`);
