export { TokenizerError } from './errors.ts';
export { type TokenizerFiles, type TrainOptions, trainBpe } from './train.ts';
export { writeTokenizer } from './write.ts';
