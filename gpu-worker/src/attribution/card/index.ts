export { makeCard } from './card.ts';
export { CardError } from './errors.ts';
export type { CardOptions } from './options.ts';
