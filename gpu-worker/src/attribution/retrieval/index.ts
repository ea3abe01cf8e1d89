export { type Likelihood, type LikelihoodOptions, openLikelihood } from './likelihood.ts';
export { type Mask, type PassageValues, passageValues } from './passageValues.ts';
export { recheckRetrieval } from './recheckRetrieval.ts';
export { type GivenPassage, type RetrievalOptions, retrievalEvidence } from './retrievalEvidence.ts';
export { shapleyValues } from './shapley.ts';
