export { openPastDecoder, type PastDecoderOptions } from './pastDecoder.ts';
