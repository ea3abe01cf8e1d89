export { bm25 } from './bm25.ts';
export { type DataInfOptions, dataInf, matrixSizes } from './dataInf.ts';
export { type EmbedOptions, embedRows } from './embedder.ts';
export { embeddingSimilarity } from './embeddingSimilarity.ts';
export { MethodError } from './errors.ts';
export { gradDot } from './gradDot.ts';
export { quantisedRows } from './gradients.ts';
export type { Method, Prepared, Sample, WithEmbedding, WithGradient, WithTokens } from './method.ts';
export { random } from './random.ts';
export { samplesOf, storedGradients, tokensOf } from './samples.ts';
export {
  normalisedInfluence,
  selfInfluence,
  type WhitenedOptions,
  whitenedCosine,
  whitenedInfluence,
} from './whitened.ts';
