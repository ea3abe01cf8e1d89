export * from './catalogue/index.ts';
export * from './engine.ts';
export { type EngineOptions, openOnnxEngine } from './onnx/index.ts';
export * from './registration/index.ts';
export * from './served.ts';
export * from './store/index.ts';
export * from './text/index.ts';
