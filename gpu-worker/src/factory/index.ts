export { type AdamWOptions, adamW, adamWDefaults, type Moments, zeroMoments } from './adamw.ts';
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
export { accumulate as addGradients, clipping, globalNorm } from './gradients.ts';
export type { Job } from './job.ts';
export { lengthsOf } from './lengths.ts';
export { lossNames, withLoss } from './loss.ts';
export { type MemoryPrediction, predictMemory } from './memory.ts';
export { createOrder, type Order } from './order.ts';
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
export { learningRate, type Schedule } from './schedule.ts';
export { openSession, ort, type SessionOptions } from './session.ts';
export { openRunner, type Runner, type StepShape, stepGraph } from './step.ts';
export { train } from './train.ts';
export { runTraining, type Trained, type TrainOptions } from './training.ts';
