export {
  type AttributeValue,
  type Builder,
  type BuilderOptions,
  createBuilder,
  type OpOptions,
  type Value,
} from './builder.ts';
export { type CheckOptions, checkModel } from './check.ts';
export { constantOf, foldConstants } from './constants.ts';
export { typeCodes } from './dataTypes.ts';
export { decodeElements } from './elements.ts';
export { OnnxError } from './errors.ts';
export { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from './float16.ts';
export { defaultLimits, type Limits } from './limits.ts';
export * from './model.ts';
export { type ExternalOptions, readModelFile, writeModelFile } from './modelFile.ts';
export { restoreFloat32, storeFloat16 } from './precision.ts';
export { printModel } from './print.ts';
export { addOutputs, infoOf, prune } from './prune.ts';
export { type ReadOptions, readModel } from './readModel.ts';
export { type Names, renameValues, replaceUses } from './rename.ts';
export { capturedBy, describeNode, mapSubgraphs, needsOf, subgraphsOf } from './scope.ts';
export {
  broadcast,
  contentsOf,
  createReader,
  fromStart,
  inferShapes,
  isFloat,
  isStatic,
  type Known,
  knowledgeOf,
  type Reader,
  specialise,
  tensorOf,
} from './shapes/index.ts';
export { sortNodes } from './sort.ts';
export * as tensors from './tensor.ts';
export { feedInitializers, fixInputs } from './weights.ts';
export { writeModel } from './writeModel.ts';
