export * from './engine.ts';
export { type EngineOptions, openOnnxEngine } from './onnx/index.ts';
export * from './served.ts';
export * from './text/index.ts';
