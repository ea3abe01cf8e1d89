export { type Step, steps } from './send.ts';
export { createSettler, type Settler, type SettlerFigures, type SettlerOptions } from './settler.ts';
