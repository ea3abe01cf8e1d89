import { elementBytes, type Model, sizeOf, type ValueInfo } from '../onnx/index.ts';
import { MemoryError } from './errors.ts';
import { evaluationGraph } from './evaluate.ts';
import { executionOrder } from './execution.ts';
import type { Job } from './job.ts';
import { elements } from './parameter.ts';
import { stepGraph } from './step.ts';

/** Bytes that a training takes beside what the process has already, part by part. */
export type MemoryPrediction = {
  /** Trained parameters as they begin, as they are now and, with rows held out, as they were at their best. */
  readonly parameters: number;
  readonly moments: number;
  /** One set, or two where batches are accumulated. */
  readonly gradients: number;
  /** Weights that are not trained, once for each session, with the copy that onnxruntime lays out for its own use. */
  readonly weights: number;
  /**
   * What is alive at once between the nodes of a step: kept for the way back, logits, their gradient; the same of an
   * evaluation, which has an arena of its own; and a quarter more, for what lies unused between blocks of an arena.
   */
  readonly activations: number;
  /** The runtime's sessions and threads, compiled code, and the graphs themselves. */
  readonly runtime: number;
  /** A file that is put together before it is written. */
  readonly checkpoint: number;
  readonly total: number;
};

/**
 * What a job would take; its graph is only looked at, nothing of that size is allocated. `bench -- training` measures the
 * same: what is predicted is between 0.75 and 1.33 of it.
 */
export const predictMemory = (job: Job, graph: Model = graphOf(job)): MemoryPrediction => {
  const values = 4 * elements(job.parameters);
  const sets = 2 + (job.evaluation ? 1 : 0);
  const frozen = weightBytes(graph);
  const parts = {
    parameters: values * sets,
    moments: values * 2,
    gradients: values * ((job.accumulate ?? 1) > 1 ? 2 : 1),
    weights: frozen * 2 * (job.evaluation ? 2 : 1),
    activations: Math.round(1.25 * (peakActivations(graph) + (job.evaluation ? peakActivations(evaluated(job)) : 0))),
    runtime: 40e6,
    checkpoint: job.checkpoint ? values * (sets + 1) : 0,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
};

/**
 * Refuses a job that would take more than it may, before anything is allocated, and says what would fit.
 *
 * @throws MemoryError
 */
export const refuseBeyond = (job: Job, graph: Model): void => {
  const { memoryLimit } = job;
  const prediction = predictMemory(job, graph);
  if (memoryLimit === undefined || prediction.total <= memoryLimit) return;
  const { total: _, ...parts } = prediction;
  const listed = Object.entries(parts).map(([part, bytes]) => `${part} ${megabytes(bytes)}`);
  throw new MemoryError(
    `The training would take ${megabytes(prediction.total)} (${listed.join(', ')}); it may take ${megabytes(memoryLimit)}. ` +
      whatFits(job, memoryLimit),
  );
};

/** The same step in smaller batches, more of them: the result is the same but for rounding. */
const whatFits = (job: Job, limit: number): string => {
  const { batch, accumulate = 1 } = job;
  let least = Infinity;
  for (let size = batch - 1; size > 0; size--) {
    if (batch % size !== 0) continue;
    const smaller = { ...job, batch: size, accumulate: (accumulate * batch) / size };
    least = predictMemory(smaller).total;
    if (least <= limit) return `Batches of ${size}, ${smaller.accumulate} for a step, would take ${megabytes(least)}`;
  }
  const fewest = Number.isFinite(least) ? `batches of 1 would still take ${megabytes(least)}` : 'a batch is 1 already';
  return `No smaller batch fits (${fewest}): take shorter rows, fewer parameters or a smaller model`;
};

const graphOf = ({ model, parameters, data, batch, logits = 'logits' }: Job): Model =>
  stepGraph(
    model,
    parameters.map(({ name }) => name),
    { batch, sequence: data.sequence, logits },
  );

const evaluated = ({ model, data, heldOut = data, batch, logits = 'logits' }: Job): Model =>
  evaluationGraph(model, { batch, sequence: heldOut.sequence, logits });

const weightBytes = ({ graph }: Model): number =>
  [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);

/**
 * The most that is alive at once when the nodes run in their order and each value is freed after its last use, as
 * onnxruntime plans it: views take nothing, and a node that may write over an input that nobody needs any more does.
 */
export const peakActivations = ({ graph }: Model): number => {
  const nodes = executionOrder(graph);
  const owners = new Map<string, string>();
  const owner = (value: string): string => owners.get(value) ?? value;
  for (const { op, inputs, outputs } of nodes) if (views.has(op)) owners.set(outputs[0]!, owner(inputs[0]!));
  const lastUse = new Map<string, number>();
  for (const [at, { inputs }] of nodes.entries()) for (const input of inputs) lastUse.set(owner(input), at);
  for (const { name } of graph.outputs) lastUse.set(owner(name), Infinity);

  const held = new Map<string, number>();
  let [alive, peak] = [0, 0];
  for (const [at, { op, inputs, outputs }] of nodes.entries()) {
    const spent = [...new Set(inputs.map(owner))].filter((value) => lastUse.get(value) === at && held.has(value));
    const free = (value: string): void => {
      alive -= held.get(value) ?? 0;
      held.delete(value);
    };
    const sizes = outputs.map((value) => [value, bytesOf(graph.values.get(value))] as const);
    const reused = inPlace.has(op) ? spent.find((value) => held.get(value) === sizes[0]?.[1]) : undefined;
    if (reused) free(reused);
    for (const [value, bytes] of sizes) {
      if (owners.has(value) || graph.outputs.some(({ name }) => name === value)) continue;
      held.set(value, bytes);
      alive += bytes;
    }
    peak = Math.max(peak, alive);
    for (const value of spent) free(value);
    for (const value of outputs) if (!lastUse.has(value)) free(value);
  }
  return peak;
};

const views = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity']);

const inPlace = new Set(
  'Add,Sub,Mul,Div,Neg,Exp,Log,Sqrt,Sigmoid,Tanh,Erf,Pow,Not,Clip,Softmax,Sum,ScatterElements,ScatterND,Where'.split(
    ',',
  ),
);

/** 0 for what nobody could work out. */
const bytesOf = (value: ValueInfo | undefined): number => {
  const dims = value?.shape?.map((dim) => (typeof dim === 'number' ? dim : 0));
  return dims ? sizeOf(dims) * elementBytes[value!.type] : 0;
};

const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
