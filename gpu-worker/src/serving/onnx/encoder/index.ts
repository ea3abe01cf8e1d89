export { type Encoder, type EncoderOptions, openEncoder } from './encoder.ts';
