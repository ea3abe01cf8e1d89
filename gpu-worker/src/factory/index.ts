export { type AdamWOptions, adamWDefaults } from './adamw.ts';
export { type AdapterJob, type TrainedAdapter, trainAdapter } from './adapter.ts';
export { DivergedError, FactoryError, MemoryError } from './errors.ts';
export {
  bitsPerByte,
  createEvaluator,
  type EvaluateOptions,
  type Evaluation,
  type Evaluator,
  evaluate,
} from './evaluate.ts';
export { createFeeds, type Feeds } from './feeds.ts';
export type { Job } from './job.ts';
export { lengthsOf } from './lengths.ts';
export { lossNames, withLoss } from './loss.ts';
export { type MemoryPrediction, predictMemory } from './memory.ts';
export { asInputs, asWeights, type Parameter, parametersOf } from './parameter.ts';
export type { Progress } from './progress.ts';
export { createRandom, type Random } from './random.ts';
export {
  type Example,
  ignored,
  learnedTokens,
  type Packing,
  packDocuments,
  padExamples,
  type Rows,
  rowCount,
} from './rows.ts';
export type { Schedule } from './schedule.ts';
export { openSession, ort, type SessionOptions } from './session.ts';
export { openRunner, type Runner, type StepShape, stepGraph } from './step.ts';
export { train } from './train.ts';
export { runTraining, type Trained, type TrainOptions } from './training.ts';
