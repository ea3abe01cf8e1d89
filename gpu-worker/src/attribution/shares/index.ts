export { SharesError } from './errors.ts';
export { influenceScores, type ScoredRows } from './influenceScores.ts';
export { compare, largestRemainder, type Part } from './largestRemainder.ts';
export { leastNormOf, type NormOptions, normalisedScores } from './normalisedScores.ts';
export { nullBandOf } from './nullBand.ts';
export { retrievalScores } from './retrievalScores.ts';
export { type Kind, type KindScores, kinds, type Scores, summed, sumOf } from './scores.ts';
export { type Contribution, type Share, type Shares, type SharesOptions, sharesOf } from './sharesOf.ts';
