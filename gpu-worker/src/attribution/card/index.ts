export type { CardOptions } from './options.ts';
