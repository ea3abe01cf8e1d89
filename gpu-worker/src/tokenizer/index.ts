export { TokenizerError } from './errors.ts';
export { loadTokenizer, parseTokenizer, type SpecialIds, type Tokenizer } from './load.ts';
export type { TextStream } from './stream.ts';
export { type TokenizerFiles, type TrainOptions, trainBpe } from './train.ts';
export { writeTokenizer } from './write.ts';
