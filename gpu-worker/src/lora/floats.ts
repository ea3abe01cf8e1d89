import { LoraError } from './errors.ts';

/** Bytes of an element, by its name in a safetensors header, in the order in which the official library lays tensors out. */
export const dtypeBytes = {
  U64: 8,
  I64: 8,
  F64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export const isDtype = (name: string): name is Dtype => Object.hasOwn(dtypeBytes, name);

/**
 * Little-endian numbers as float32: a view where they are float32 already and lie well, else a copy. F16 and BF16 are
 * exact, F64 is rounded.
 *
 * @throws LoraError for integers.
 */
export const toFloat32 = (dtype: Dtype, bytes: Uint8Array): Float32Array => {
  // A Buffer's own slice would not copy.
  const aligned = bytes.byteOffset % dtypeBytes[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  const length = byteLength / dtypeBytes[dtype];
  if (!Number.isInteger(length)) throw new LoraError(`${byteLength} bytes are no whole number of ${dtype} elements`);
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, length);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, length));
    case 'F16':
      return Float32Array.from(new Float16Array(buffer, byteOffset, length));
    case 'BF16':
      // The upper half of a float32.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer, byteOffset, length), (half) => half << 16).buffer,
      );
    default:
      throw new LoraError(`Weights are F32, F16, BF16 or F64; these are ${dtype}`);
  }
};
