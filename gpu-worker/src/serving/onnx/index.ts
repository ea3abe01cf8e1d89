export { type ModelFolder, readModelFolder } from './folder.ts';
export type { EngineOptions } from './messages.ts';
export { type OnnxEngineOptions, openOnnxEngine } from './onnxEngine.ts';
