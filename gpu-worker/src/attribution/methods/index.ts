export { bm25 } from './bm25.ts';
export { type DataInfOptions, dataInf, matrixSizes } from './dataInf.ts';
export { embeddingSimilarity } from './embeddingSimilarity.ts';
export { MethodError } from './errors.ts';
export { gradDot } from './gradDot.ts';
export type { Method, Prepared, Sample, WithEmbedding, WithGradient, WithTokens } from './method.ts';
export { random } from './random.ts';
export { selfInfluence, type WhitenedOptions, whitenedCosine, whitenedInfluence } from './whitened.ts';
