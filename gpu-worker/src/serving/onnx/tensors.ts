import type { Tensor } from 'onnxruntime-node';
import { ort } from '../../factory/index.ts';

export const int64 = (dims: readonly number[], values: readonly number[]): Tensor =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);

export const float32 = (dims: readonly number[], values: Float32Array): Tensor =>
  new ort.Tensor('float32', values, dims);
