import { type DataType, elementBytes, sizeOf, type Tensor } from './model.ts';

// Tensors of the types that graphs here are built with, to and from typed arrays. This machine's byte order is ONNX's.

const over = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** @throws RangeError when the number of elements is not the product of the dims. */
const tensor = (type: DataType, dims: readonly number[], data: ArrayBufferView): Tensor => {
  const bytes = sizeOf(dims) * elementBytes[type];
  if (data.byteLength !== bytes) {
    throw new RangeError(
      `A ${type} tensor of [${dims.join(', ')}] takes ${bytes} bytes; ${data.byteLength} were given`,
    );
  }
  return { type, dims: [...dims], data: over(data) };
};

export const float32 = (dims: readonly number[], values: Float32Array | readonly number[]): Tensor =>
  tensor('float32', dims, values instanceof Float32Array ? values : Float32Array.from(values));

export const int64 = (dims: readonly number[], values: BigInt64Array | readonly (number | bigint)[]): Tensor =>
  tensor('int64', dims, values instanceof BigInt64Array ? values : BigInt64Array.from(values.map(BigInt)));

export const bool = (dims: readonly number[], values: readonly boolean[]): Tensor =>
  tensor('bool', dims, Uint8Array.from(values.map(Number)));

export const scalar = (value: number): Tensor => float32([], [value]);

/** The elements of a float32 tensor, without a copy where its bytes lie well. @throws TypeError for other types. */
export const floats = ({ type, data }: Tensor): Float32Array => {
  if (type !== 'float32') throw new TypeError(`A float32 tensor was expected; this one is ${type}`);
  // Not `slice`: that of a Node buffer copies nothing.
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
};

/** The elements of an int64 or int32 tensor. @throws TypeError for other types, RangeError beyond 2^53. */
export const integers = ({ type, data }: Tensor): number[] => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (type === 'int32') return Array.from({ length: data.byteLength / 4 }, (_, i) => view.getInt32(i * 4, true));
  if (type !== 'int64') throw new TypeError(`An int64 or int32 tensor was expected; this one is ${type}`);
  return Array.from({ length: data.byteLength / 8 }, (_, i) => {
    const value = Number(view.getBigInt64(i * 8, true));
    if (!Number.isSafeInteger(value)) throw new RangeError(`${view.getBigInt64(i * 8, true)} is beyond 2^53`);
    return value;
  });
};
