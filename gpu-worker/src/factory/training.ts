import { adamW, adamWDefaults } from './adamw.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { DivergedError } from './errors.ts';
import { createEvaluator, type Evaluator } from './evaluate.ts';
import { accumulate as addGradients, clipping, globalNorm } from './gradients.ts';
import { checkJob, type Job, jobHash } from './job.ts';
import { refuseBeyond } from './memory.ts';
import { createOrder } from './order.ts';
import type { Parameter } from './parameter.ts';
import { createPace, type Progress } from './progress.ts';
import { learnedTokens, rowCount } from './rows.ts';
import { learningRate } from './schedule.ts';
import { initialState, type State } from './state.ts';
import { openRunner, type Runner, stepGraph } from './step.ts';

export type Trained = {
  /** The best on the rows held out, or the last where none are. */
  readonly parameters: readonly Parameter[];
  readonly ended: 'steps' | 'patience' | 'cancelled';
  /** Steps that were done. */
  readonly steps: number;
  /** Where the parameters are from, with the mean loss on the rows held out. */
  readonly best: { readonly step: number; readonly loss: number } | undefined;
};

export type TrainOptions = {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
};

/**
 * Trains on this thread, which is blocked while onnxruntime computes; {@link train} does it on one of its own.
 *
 * @throws FactoryError when the job makes no sense or its checkpoint is another's, MemoryError when it would take more
 * than it may, DivergedError at the first loss or gradient that is not finite.
 */
export const runTraining = async (job: Job, { signal, onProgress = () => {} }: TrainOptions = {}): Promise<Trained> => {
  checkJob(job);
  const { model, data, batch, checkpoint, evaluation, threads, schedule } = job;
  const logits = job.logits ?? 'logits';
  const names = job.parameters.map(({ name }) => name);
  const graph = stepGraph(model, names, { batch, sequence: data.sequence, logits });
  refuseBeyond(job, graph);
  const hash = checkpoint ? jobHash(job) : '';
  const state = (checkpoint && (await loadCheckpoint(checkpoint.file, hash, job))) ?? initialState(job);
  const { parameters } = state;
  const runner = await openRunner(graph, parameters, { rows: data, batch, threads });
  const evaluator =
    evaluation && job.heldOut
      ? await createEvaluator(model, { rows: job.heldOut, batch, parameters, logits, threads })
      : undefined;
  const step = createStep(job, state, runner, onProgress);
  let saved = state.step;
  const save = async (): Promise<void> => {
    if (checkpoint) await saveCheckpoint(checkpoint.file, hash, state);
    saved = state.step;
  };
  const isOver = (): boolean => state.step >= schedule.steps || state.stale >= (evaluation?.patience ?? Infinity);
  const isDue = (): boolean =>
    evaluator !== undefined &&
    state.evaluated < state.step &&
    (state.step % evaluation!.every === 0 || state.step >= schedule.steps);
  try {
    while (!signal?.aborted) {
      if (isDue()) await look(state, evaluator!, { signal, onProgress });
      else if (isOver()) break;
      else await step(signal);
      if (checkpoint && state.step - saved >= checkpoint.every && !isDue()) await save();
    }
    await save();
  } finally {
    await runner.close();
    await evaluator?.close();
  }
  const { best } = state;
  return {
    parameters: parameters.map((kept, at) => ({ ...kept, values: best ? best.values[at]! : kept.values })),
    ended: !isOver() || isDue() ? 'cancelled' : state.step >= schedule.steps ? 'steps' : 'patience',
    steps: state.step,
    best: best && { step: best.step, loss: best.loss },
  };
};

/** One step after another on the same state. A step that is cancelled leaves the state as it was before. */
const createStep = (job: Job, state: State, runner: Runner, onProgress: (progress: Progress) => void) => {
  const { data, batch, accumulate = 1, schedule, clip } = job;
  const optimizer = { ...adamWDefaults, ...job.optimizer };
  const order = createOrder(rowCount(data), state.order);
  const room = () => state.parameters.map(({ values }) => new Float32Array(values.length));
  const sums = room();
  const more = accumulate > 1 ? room() : [];
  const pace = createPace(schedule.steps);
  return async (signal: AbortSignal | undefined): Promise<void> => {
    const step = state.step + 1;
    let [loss, tokens] = [0, 0];
    for (let part = 0; part < accumulate; part++) {
      const rows = order.take(batch);
      loss += await runner.run(rows, part === 0 ? sums : more);
      if (!Number.isFinite(loss)) throw new DivergedError(step, `the loss is ${loss}`);
      if (part > 0) addGradients(sums, more);
      tokens += learnedTokens(data, rows);
      if (signal?.aborted && part < accumulate - 1) return;
    }
    const perToken = 1 / Math.max(1, tokens);
    const norm = globalNorm(sums) * perToken;
    if (!Number.isFinite(norm)) throw new DivergedError(step, `the norm of the gradient is ${norm}`);
    const rate = learningRate(schedule, step);
    adamW(state.parameters, sums, state.moments, { ...optimizer, step, rate, scale: perToken * clipping(norm, clip) });
    state.step = step;
    state.order = order.state();
    onProgress({ kind: 'step', step, steps: schedule.steps, loss: loss * perToken, rate, norm, ...pace(step, tokens) });
  };
};

const look = async (state: State, evaluator: Evaluator, { signal, onProgress }: TrainOptions): Promise<void> => {
  const evaluation = await evaluator.run(signal);
  if (evaluation === undefined) return;
  const { step, parameters, best } = state;
  const loss = evaluation.perToken;
  if (!Number.isFinite(loss)) throw new DivergedError(step, `the loss on the rows held out is ${loss}`);
  const isBest = best === undefined || loss < best.loss;
  if (isBest) state.best = { step, loss, values: parameters.map(({ values }) => values.slice()) };
  state.stale = isBest ? 0 : state.stale + 1;
  state.evaluated = step;
  onProgress?.({ kind: 'evaluation', step, loss, isBest });
};
