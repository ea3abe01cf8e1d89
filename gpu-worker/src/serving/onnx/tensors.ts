import type { Tensor } from 'onnxruntime-node';
import { ort } from '../../factory/index.ts';
import { float16ToFloat32 } from '../../onnx/index.ts';

/** Numbers of type float32, or of type float16 as their bits. */
export type Floats = Float32Array | Uint16Array;

export const int64 = (dims: readonly number[], values: readonly number[]): Tensor =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);

export const makeFloats = (type: string, length: number): Floats =>
  type === 'float16' ? new Uint16Array(length) : new Float32Array(length);

export const floatTensor = (data: Floats, dims: readonly number[]): Tensor =>
  data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('float16', data, dims);

/** Where it lies. */
export const floatsOf = ({ data }: Tensor): Floats => {
  if (data instanceof Float32Array) return data;
  // A Float16Array where the runtime has it, otherwise a Uint16Array: the bits are the same.
  const { buffer, byteOffset, length } = data as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
};

export const float32Of = (tensor: Tensor): Float32Array => {
  const floats = floatsOf(tensor);
  if (floats instanceof Float32Array) return floats;
  return float16ToFloat32(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
};
