export { LdsError } from './errors.ts';
export { interval, type Lds, linearDatamodelingScore, mean, type Retrained } from './lds.ts';
export type { RetrainingRecipe } from './recipe.ts';
export { type RetrainOptions, retrainSubsets } from './retrain.ts';
export { openRetrainer, type Retrainer, type RetrainerOptions } from './retrainer.ts';
export { openRowLosses, type RowLosses, type RowLossesOptions } from './rowLosses.ts';
export { pearson, ranks, spearman } from './spearman.ts';
export { drawSubsets, type SubsetsOptions } from './subsets.ts';
