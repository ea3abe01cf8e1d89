export * from './corpus.ts';
export { CorpusError } from './errors.ts';
