export { type NgramModel, type NgramOptions, trainNgrams } from './ngram.ts';
export { scoringRows, type WindowOptions } from './windows.ts';
export { XzError, xzSize } from './xz.ts';
