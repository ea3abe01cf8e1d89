import {
  adamW,
  adamWDefaults,
  addGradients,
  clipping,
  createOrder,
  DivergedError,
  globalNorm,
  learnedTokens,
  learningRate,
  openRunner,
  parametersOf,
  type Rows,
  stepGraph,
  zeroMoments,
} from '../../factory/index.ts';
import { graft, initialArrays, modulesOf, type SharedGraft, sharedOptions } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { RetrainingRecipe } from './recipe.ts';
import { openRowLosses } from './rowLosses.ts';

export type Retrainer = {
  /**
   * Trains an adapter on these rows alone, and gives each query's loss (nats, sum over its tokens).
   * @throws DivergedError; the signal's reason when it aborts, at the next step.
   */
  lossesAfter: (rows: readonly number[], seed: number, signal?: AbortSignal) => Promise<Float64Array>;
  close: () => Promise<void>;
};

export type RetrainerOptions = {
  readonly recipe: RetrainingRecipe;
  readonly rows: Rows;
  readonly queries: Rows;
};

/**
 * Trains an adapter again and again, on some of the rows, as `trainAdapter` would on rows that are only these: to the same
 * bytes, with graphs that are opened once.
 */
export const openRetrainer = async (base: Model, options: RetrainerOptions): Promise<Retrainer> => {
  const { recipe, rows, queries } = options;
  const { config, batch, accumulate = 1, schedule, clip, threads, logits = 'logits' } = recipe;
  const optimizer = { ...adamWDefaults, ...recipe.optimizer };
  const grafted = graft(base, sharedOptions(config, modulesOf(base))) as SharedGraft;
  const parameters = parametersOf(initialArrays(grafted, recipe.seed));
  const names = parameters.map(({ name }) => name);
  const graph = stepGraph(grafted.model, names, { batch, sequence: rows.sequence, logits });
  const runner = await openRunner(graph, parameters, { rows, batch, threads });
  const scorer = await openRowLosses(grafted.model, { rows: queries, batch, threads, logits, parameters });
  const room = () => parameters.map(({ values }) => new Float32Array(values.length));
  const [sums, more] = [room(), accumulate > 1 ? room() : []];

  const begin = (seed: number): void => {
    for (const [at, { values }] of parametersOf(initialArrays(grafted, seed)).entries()) {
      parameters[at]!.values.set(values);
    }
  };
  return {
    lossesAfter: async (some, seed, signal) => {
      begin(seed);
      const moments = zeroMoments(parameters);
      const order = createOrder(some.length, { seed });
      for (let step = 1; step <= schedule.steps; step++) {
        signal?.throwIfAborted();
        let [loss, tokens] = [0, 0];
        for (let part = 0; part < accumulate; part++) {
          const taken = order.take(batch).map((at) => some[at]!);
          loss += await runner.run(taken, part === 0 ? sums : more);
          if (part > 0) addGradients(sums, more);
          tokens += learnedTokens(rows, taken);
        }
        const scale = 1 / Math.max(1, tokens);
        const norm = globalNorm(sums) * scale;
        if (!Number.isFinite(loss) || !Number.isFinite(norm)) throw new DivergedError(step, `the loss is ${loss}`);
        const rate = learningRate(schedule, step);
        adamW(parameters, sums, moments, { ...optimizer, step, rate, scale: scale * clipping(norm, clip) });
      }
      return scorer.run();
    },
    close: async () => {
      await runner.close();
      await scorer.close();
    },
  };
};
