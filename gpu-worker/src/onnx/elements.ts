import { bfloat16ToFloat32, float16ToFloat32 } from './float16.ts';
import { type DataType, elementBytes, type Tensor } from './model.ts';

const readers: Readonly<Record<DataType, (view: DataView, at: number) => number | bigint>> = {
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  float16: (view, at) => float16ToFloat32(new Uint8Array(view.buffer, view.byteOffset + at, 2))[0]!,
  bfloat16: (view, at) => bfloat16ToFloat32(new Uint8Array(view.buffer, view.byteOffset + at, 2))[0]!,
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => view.getBigInt64(at, true),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  uint64: (view, at) => view.getBigUint64(at, true),
  bool: (view, at) => view.getUint8(at),
};

/** The first elements of a tensor of any type, as they are: for showing, not for computing. */
export const decodeElements = ({ type, data }: Tensor, most: number): readonly (number | bigint)[] => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bytes = elementBytes[type];
  const length = Math.min(most, Math.floor(data.length / bytes));
  return Array.from({ length }, (_, i) => readers[type](view, i * bytes));
};
