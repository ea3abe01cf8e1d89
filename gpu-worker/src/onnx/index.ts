export {
  type AttributeValue,
  type Builder,
  type BuilderOptions,
  createBuilder,
  type OpOptions,
  type Value,
} from './builder.ts';
export * from './model.ts';
export * as tensors from './tensor.ts';
