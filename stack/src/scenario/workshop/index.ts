export { type Made, madeFrom } from './made.ts';
export { type Recipe, recipe } from './recipe.ts';
export { readSource } from './source.ts';
export { shippedBase, train, weigh } from './train.ts';
