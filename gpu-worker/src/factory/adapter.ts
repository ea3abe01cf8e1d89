import {
  type Adapter,
  type AdapterConfig,
  arraysOf,
  graft,
  initialArrays,
  modulesOf,
  type SharedGraft,
  sharedOptions,
  toPeft,
} from '../lora/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Job } from './job.ts';
import { type Parameter, parametersOf } from './parameter.ts';
import { train } from './train.ts';
import type { Trained, TrainOptions } from './training.ts';

/** A {@link Job} whose parameters are an adapter's. */
export type AdapterJob = Omit<Job, 'model' | 'parameters'> & {
  /** A causal model as it is, `input_ids` in, logits out. */
  readonly base: Model;
  /** What is adapted, and with which rank: `newConfig(…)` of lora, or another adapter's. */
  readonly config: AdapterConfig;
  /** An adapter to go on from. */
  readonly from?: Adapter;
};

export type TrainedAdapter = Trained & {
  /** For `writeAdapter`; peft and the bank of a server take it. */
  readonly adapter: Adapter;
  /** The graph that was trained, without its loss; it is fed the parameters. */
  readonly model: Model;
};

/**
 * Trains an adapter on a frozen base, in a thread of its own. The same job gives the same bytes.
 *
 * @throws LoraError when the config adapts nothing of the base, or `from` is of another; else as {@link train}.
 * @example
 * const config = newConfig({ rank: 16, alpha: 32, targetModules: 'all-linear' });
 * const { adapter } = await trainAdapter({ base, config, data, batch: 8, schedule, seed: 1, threads: 2 });
 * await writeAdapter('adapters/bees', adapter);
 */
export const trainAdapter = async (
  { base, config, from, ...job }: AdapterJob,
  options: TrainOptions = {},
): Promise<TrainedAdapter> => {
  const grafted = graft(base, sharedOptions(config, modulesOf(base))) as SharedGraft;
  const arrays = from === undefined ? initialArrays(grafted, job.seed) : arraysOf(grafted, from);
  const { model } = grafted;
  const trained = await train({ ...job, model, parameters: parametersOf(arrays) }, options);
  return { ...trained, model, adapter: toPeft(grafted, byName(trained.parameters), config) };
};

const byName = (parameters: readonly Parameter[]): ReadonlyMap<string, Parameter> =>
  new Map(parameters.map((parameter) => [parameter.name, parameter]));
