export { type DifferentiateOptions, differentiate } from './differentiate.ts';
export { AutodiffError, UnknownOpError } from './errors.ts';
export { rules } from './rules/index.ts';
