import { openOnnxEngine } from '../../src/serving/onnx/index.ts';
import { describeEngine } from './conformance.ts';

describeEngine('onnxruntime in this process', (options) =>
  openOnnxEngine({ ...options, threads: 1, providers: ['cpu'] }),
);
