export type { EngineOptions } from './messages.ts';
export { openOnnxEngine } from './onnxEngine.ts';
