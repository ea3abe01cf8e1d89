import { OnnxError } from './errors.ts';
import type { DataType } from './model.ts';

/** `TensorProto.DataType` of onnx.proto. */
export const typeCodes: Readonly<Record<DataType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

const known = new Map(Object.entries(typeCodes).map(([type, code]) => [code, type as DataType]));

const refused = new Map([
  [0, 'undefined'],
  [8, 'string'],
  [14, 'complex64'],
  [15, 'complex128'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
  [24, 'float8e8m0'],
  [25, 'uint2'],
  [26, 'int2'],
]);

export const findType = (code: number): DataType | undefined => known.get(code);

/** @throws OnnxError that names a type which is not read here. */
export const typeOf = (code: number, where: string): DataType => {
  const type = known.get(code);
  if (type !== undefined) return type;
  const name = refused.get(code);
  throw new OnnxError(
    name === undefined
      ? `${where}: ${code} is no element type of ONNX`
      : `${where}: elements of type ${name} are not read here; export it with ${[...known.values()].join(', ')}`,
  );
};
