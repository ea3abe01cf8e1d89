import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { arbitraryModel } from '../../test/onnx/arbitraryModel.ts';
import { branching, layered, linear } from '../../test/onnx/smallModels.ts';
import { checkModel } from './check.ts';
import type { DataType } from './model.ts';
import { readModel } from './readModel.ts';
import { writeModel } from './writeModel.ts';

test('models that were built here are run by onnxruntime', async () => {
  const session = await InferenceSession.create(writeModel(linear()));
  const { y } = await session.run({ x: new Tensor('float32', [1, 1, 2, 0], [2, 2]) });
  expect([...(y!.data as Float32Array)]).toEqual([4, 6, 2, 4]);

  const branches = await InferenceSession.create(writeModel(branching()));
  const flag = (value: boolean) => new Tensor('bool', [value], []);
  const x = new Tensor('float32', [1, 2], [2]);
  expect([...((await branches.run({ x, flag: flag(true) })).y!.data as Float32Array)]).toEqual([2, 3]);
  expect([...((await branches.run({ x, flag: flag(false) })).y!.data as Float32Array)]).toEqual([0, 1]);

  const blocks = await InferenceSession.create(writeModel(layered(3)));
  const { y: turned } = await blocks.run({ x: new Tensor('float32', new Float32Array(24), [2, 3, 4]) });
  expect(turned!.dims).toEqual([2, 4, 3]);
});

test('any model that is written is read as it was, and is written the same again', () => {
  fc.assert(
    fc.property(arbitraryModel, (model) => {
      expect(checkModel(model)).toBe(model);
      const bytes = writeModel(model);
      const read = readModel(bytes);
      expect(read).toEqual(model);
      expect(Buffer.compare(writeModel(read), bytes)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

// Exporters store the elements of a tensor in ways that nothing here writes.

type Write = (writer: protobuf.Writer) => void;

const tensorModel = (type: number, dims: readonly number[], elements: Write): Uint8Array => {
  const writer = protobuf.Writer.create();
  writer.uint32(8).int64(8).uint32(66).fork().uint32(16).int64(17).ldelim();
  writer.uint32(58).fork().uint32(42).fork();
  for (const dim of dims) writer.uint32(8).int64(dim);
  writer.uint32(16).int32(type).uint32(66).string('w');
  elements(writer);
  return writer.ldelim().ldelim().finish();
};

const readW = (type: number, dims: readonly number[], elements: Write) =>
  readModel(tensorModel(type, dims, elements)).graph.initializers.get('w');

const packed =
  (field: number, write: Write): Write =>
  (writer) => {
    writer.uint32((field << 3) | 2).fork();
    write(writer);
    writer.ldelim();
  };

test.each<[what: string, type: number, elements: Write, read: DataType, bytes: ArrayBufferView]>([
  ['float_data', 1, packed(4, (w) => w.float(1.5).float(-2)), 'float32', new Float32Array([1.5, -2])],
  [
    'float_data, one by one',
    1,
    (w) => w.uint32(37).float(1.5).uint32(37).float(-2),
    'float32',
    new Float32Array([1.5, -2]),
  ],
  ['double_data', 11, packed(10, (w) => w.double(1.5).double(-2)), 'float64', new Float64Array([1.5, -2])],
  ['int32_data of int8', 3, packed(5, (w) => w.int32(-128).int32(127)), 'int8', new Int8Array([-128, 127])],
  ['int32_data of uint16', 4, packed(5, (w) => w.int32(65_535).int32(1)), 'uint16', new Uint16Array([65_535, 1])],
  [
    'int32_data of int32',
    6,
    packed(5, (w) => w.int32(-1).int32(2 ** 31 - 1)),
    'int32',
    new Int32Array([-1, 2 ** 31 - 1]),
  ],
  ['int32_data of bool', 9, packed(5, (w) => w.int32(1).int32(0)), 'bool', new Uint8Array([1, 0])],
  [
    'int32_data of float16',
    10,
    packed(5, (w) => w.int32(0x3c00).int32(0xc000)),
    'float16',
    new Uint16Array([0x3c00, 0xc000]),
  ],
  ['int64_data', 7, packed(7, (w) => w.int64(-1).int64(2 ** 40)), 'int64', new BigInt64Array([-1n, 2n ** 40n])],
  [
    'int64_data, one by one',
    7,
    (w) => w.uint32(56).int64(-1).uint32(56).int64(7),
    'int64',
    new BigInt64Array([-1n, 7n]),
  ],
  [
    'uint64_data of uint64',
    13,
    packed(11, (w) => w.uint64(1).uint64(2 ** 53)),
    'uint64',
    new BigUint64Array([1n, 2n ** 53n]),
  ],
  [
    'uint64_data of uint32',
    12,
    packed(11, (w) => w.uint64(2 ** 32 - 1).uint64(0)),
    'uint32',
    new Uint32Array([2 ** 32 - 1, 0]),
  ],
])('weights stored as %s are not lost', (_, type, elements, read, expected) => {
  const data = new Uint8Array(expected.buffer);
  expect(readW(type, [2], elements)).toEqual({ type: read, dims: [2], data });
});

test('the greatest integers of exporters are kept exactly in tensors', () => {
  const tensor = readW(
    7,
    [],
    packed(7, (w) => w.int64('9223372036854775807')),
  );
  expect(Buffer.from(tensor!.data).readBigInt64LE()).toBe(2n ** 63n - 1n);
});

test.each<[what: string, type: number, elements: Write, message: string]>([
  ['strings', 8, (w) => w.uint32(50).string('a'), 'elements of type string are not read here'],
  ['complex numbers', 14, packed(4, (w) => w.float(1).float(1)), 'elements of type complex64 are not read here'],
  ['4-bit integers', 22, (w) => w.uint32(74).bytes(Buffer.of(1)), 'elements of type int4 are not read here'],
  ['8-bit floats', 17, (w) => w.uint32(74).bytes(Buffer.of(1, 2)), 'elements of type float8e4m3fn are not read here'],
  ['no type', 0, (w) => w.uint32(74).bytes(Buffer.of(1, 2)), 'elements of type undefined are not read here'],
  ['a type that is none', 99, (w) => w.uint32(74).bytes(Buffer.of(1, 2)), '99 is no element type of ONNX'],
  [
    'the wrong list',
    1,
    packed(7, (w) => w.int64(1).int64(1)),
    'elements of type float32 do not belong into int64_data',
  ],
  ['a number beyond its type', 2, packed(5, (w) => w.int32(256).int32(0)), 'element 0 is 256, which is no uint8'],
  [
    'two stores',
    1,
    (w) => w.uint32(74).bytes(Buffer.alloc(8)).uint32(37).float(1),
    'stored more than once, in float_data and raw_data',
  ],
  ['too few elements', 1, packed(4, (w) => w.float(1)), 'float32[2] has 2 elements; float_data holds 1'],
  ['too many bytes', 1, (w) => w.uint32(74).bytes(Buffer.alloc(12)), 'float32[2] takes 8 bytes; 12 are stored'],
  ['segments', 1, (w) => w.uint32(26).bytes(Buffer.alloc(0)), 'a tensor in segments is not read here'],
])('a tensor of %s is refused with the reason', (_, type, elements, message) => {
  expect(() => readW(type, [2], elements)).toThrow(message);
});
