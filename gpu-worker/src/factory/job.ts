import { createHash } from 'node:crypto';
import { type Model, writeModel } from '../onnx/index.ts';
import type { AdamWOptions } from './adamw.ts';
import { FactoryError } from './errors.ts';
import type { Parameter } from './parameter.ts';
import { learnedTokens, type Rows, rowCount } from './rows.ts';
import type { Schedule } from './schedule.ts';

/** A training, as plain data that can cross to a worker thread. */
export type Job = {
  /** A causal model without its loss: `input_ids` and the parameters in, logits `[batch, sequence, vocabulary]` out. */
  readonly model: Model;
  /** Adapters or all weights: inputs of the model. Their values are where training begins; they are not changed. */
  readonly parameters: readonly Parameter[];
  /** The output that holds the logits. */
  readonly logits?: string;
  readonly data: Rows;
  /** Rows that are never trained on. */
  readonly heldOut?: Rows;
  /** Rows that run at once. */
  readonly batch: number;
  /** Batches for one step; its gradient is the mean over the tokens of all of them. */
  readonly accumulate?: number;
  readonly schedule: Schedule;
  readonly optimizer?: Partial<AdamWOptions>;
  /** The largest norm of the gradient over all parameters; larger ones are scaled down to it. */
  readonly clip?: number;
  readonly seed: number;
  readonly evaluation?: {
    /** Steps between two evaluations on the rows held out; one more comes at the end. */
    readonly every: number;
    /** Evaluations without a new best after which training stops. */
    readonly patience?: number;
  };
  readonly checkpoint?: {
    /** Written beside it, then renamed; where it is there already, training goes on from it. */
    readonly file: string;
    /** Steps between two writes. */
    readonly every: number;
  };
  /** Cores to compute on. Another number may round differently: resume with the same. */
  readonly threads: number;
  /** Bytes that training may take beside what the process has already. */
  readonly memoryLimit?: number;
};

/** @throws FactoryError for a job that makes no sense, with what would. */
export const checkJob = ({ data, heldOut, batch, accumulate = 1, schedule, evaluation, parameters }: Job): void => {
  const refuse = (what: string): never => {
    throw new FactoryError(what);
  };
  const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
  if (parameters.length === 0) refuse('There is nothing to train: the job names no parameters');
  if (!isCount(batch) || !isCount(accumulate))
    refuse(`A step takes whole batches: ${accumulate} × ${batch} rows were asked`);
  if (!isCount(schedule.steps)) refuse(`Training takes at least one step: ${schedule.steps} were asked`);
  if (rowCount(data) === 0 || learnedTokens(data) === 0) refuse('There is nothing to learn in the training rows');
  if (evaluation && (heldOut === undefined || learnedTokens(heldOut) === 0)) {
    refuse('Evaluation needs rows that are held out, and the job has none');
  }
};

/** Of all that decides the result: a checkpoint is only resumed by the training that wrote it. Hexadecimal SHA-256. */
export const jobHash = (job: Job): string => {
  const { model, parameters, data, heldOut, checkpoint: _, threads: __, memoryLimit: ___, ...options } = job;
  const hash = createHash('sha256')
    .update(JSON.stringify(sorted(options)))
    .update(writeModel(model));
  for (const { name, dims, values, decays } of parameters) {
    hash.update(JSON.stringify([name, dims, decays])).update(values);
  }
  for (const rows of heldOut ? [data, heldOut] : [data]) {
    hash.update(JSON.stringify(rows.sequence)).update(rows.ids).update(rows.labels);
  }
  return hash.digest('hex');
};

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, part]) => [key, sorted(part)]),
      )
    : value;
