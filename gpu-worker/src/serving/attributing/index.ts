export type { Answered } from './answered.ts';
export { type AttributeOptions, type Attribution, attribute, type ExplainedPart } from './attribute.ts';
export {
  type Attributor,
  type AttributorFigures,
  type AttributorOptions,
  attributionSteps,
  createAttributor,
} from './attributor.ts';
export { createSeal, type Seal, SealError } from './seal.ts';
