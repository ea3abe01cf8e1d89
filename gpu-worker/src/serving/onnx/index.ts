export { type CoreOptions, createCore } from './core.ts';
export type { AdapterLayout, Decoder, Extension } from './decoder.ts';
export { type ModelFolder, readModelFolder } from './folder.ts';
export { type FusedDecoderOptions, openFusedDecoder } from './fused/fusedDecoder.ts';
export { layOut } from './layout.ts';
export type { EngineOptions } from './messages.ts';
export { type OnnxEngineOptions, openOnnxEngine } from './onnxEngine.ts';
export type { Event, Work } from './work.ts';
