export {
  type AttributeValue,
  type Builder,
  type BuilderOptions,
  createBuilder,
  type OpOptions,
  type Value,
} from './builder.ts';
export { OnnxError } from './errors.ts';
export { defaultLimits, type Limits } from './limits.ts';
export * from './model.ts';
export { type ReadOptions, readModel } from './readModel.ts';
export * as tensors from './tensor.ts';
export { writeModel } from './writeModel.ts';
