export { type NgramModel, type NgramOptions, trainNgrams } from './ngram.ts';
export { XzError, xzSize } from './xz.ts';
