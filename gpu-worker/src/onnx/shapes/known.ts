import { type DataType, type Dim, type Shape, sizeOf, type Tensor } from '../model.ts';

/**
 * What is known of a value before the graph runs: its type, its shape, and, for the small tensors that shape arithmetic
 * is done with, its elements. An element can be a name, as a dimension can: `Shape` of `[batch, 4]` is known to be
 * `['batch', 4]`. Booleans are 0 and 1.
 */
export type Known = {
  readonly type: DataType;
  readonly shape: Shape | undefined;
  readonly contents?: readonly Dim[] | undefined;
};

/** Shape arithmetic is done on tensors of a few elements; a `Range` over a sequence is the longest that matters. */
export const contentsLimit = 1024;

export const isStatic = (shape: Shape | undefined): shape is readonly number[] =>
  shape?.every((dim) => typeof dim === 'number') ?? false;

export const isNumeric = (contents: readonly Dim[] | undefined): contents is readonly number[] =>
  contents?.every((element) => typeof element === 'number') ?? false;

/** Types with which no gradient flows. */
export const isFloat = (type: DataType): boolean =>
  type === 'float32' || type === 'float64' || type === 'float16' || type === 'bfloat16';

/** Beyond 2^53 a number is cut: exporters write the largest int64 for "to the end". */
const clamp = (value: bigint): number => {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > limit ? limit : value < -limit ? -limit : value);
};

/** The elements of a small tensor; `undefined` for one too large, or of a type that nobody computes shapes with. */
export const contentsOf = ({ type, dims, data }: Tensor): readonly number[] | undefined => {
  const size = sizeOf(dims);
  if (size > contentsLimit) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = (at: (i: number) => number): number[] => Array.from({ length: size }, (_, i) => at(i));
  if (type === 'int64') return read((i) => clamp(view.getBigInt64(8 * i, true)));
  if (type === 'int32') return read((i) => view.getInt32(4 * i, true));
  if (type === 'float32') return read((i) => view.getFloat32(4 * i, true));
  if (type === 'float64') return read((i) => view.getFloat64(8 * i, true));
  if (type === 'bool') return read((i) => (view.getUint8(i) === 0 ? 0 : 1));
  return undefined;
};

/** The opposite of `contentsOf`. @throws TypeError for types other than its own. */
export const tensorOf = (type: DataType, dims: readonly number[], contents: readonly number[]): Tensor => {
  const bytes = (array: ArrayBufferView): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const data = (): Uint8Array => {
    if (type === 'int64') return bytes(BigInt64Array.from(contents, (value) => BigInt(value)));
    if (type === 'int32') return bytes(Int32Array.from(contents));
    if (type === 'float32') return bytes(Float32Array.from(contents));
    if (type === 'float64') return bytes(Float64Array.from(contents));
    if (type === 'float16') return bytes(Float16Array.from(contents));
    if (type === 'bool') return Uint8Array.from(contents);
    throw new TypeError(`No ${type} tensor is made of numbers here`);
  };
  return { type, dims: [...dims], data: data() };
};

/** The sum of two dimensions; of two names, the name that exporters give it: `past + sequence`. */
export const addDims = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  if (b === 0) return a;
  return a === undefined || b === undefined ? undefined : `${a} + ${b}`;
};

/** Where one of two dimensions that must agree is 1, the other one holds; a number is worth more than a name. */
export const broadcastDims = (a: Dim, b: Dim): Dim => {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number') return a;
  return typeof b === 'number' ? b : undefined;
};

/** The shape of an elementwise operation on values of these shapes; `undefined` where one's rank is not known. */
export const broadcast = (shapes: readonly (Shape | undefined)[]): Shape | undefined => {
  let result: Shape = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    const rank = Math.max(result.length, shape.length);
    const padded = (given: Shape): Shape => [...Array.from({ length: rank - given.length }, () => 1), ...given];
    const [a, b] = [padded(result), padded(shape)];
    result = a.map((dim, i) => broadcastDims(dim, b[i]));
  }
  return result;
};
