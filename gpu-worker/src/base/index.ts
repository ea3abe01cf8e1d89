export { configJson, type DecoderConfig, readConfig } from './config.ts';
export { BaseError } from './errors.ts';
export { type Base, type ExportOptions, exportBase, readBase } from './folder.ts';
export { createGenerator, type GenerateOptions, type Generator } from './generate.ts';
export { type PretrainOptions, pretrain, rowsOf, specialTokens } from './pretrain.ts';
export { type Recipe, shippedRecipe } from './recipe.ts';
export { servingModel } from './servingModel.ts';
export { trainingModel } from './trainingModel.ts';
export { initialise, parameterCount, type Weights, weightShapes } from './weights.ts';
