import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { layered, linear } from '../../test/onnx/smallModels.ts';
import { OnnxError } from './errors.ts';
import type { Limits } from './limits.ts';
import type { Graph, Model } from './model.ts';
import { type ReadOptions, readModel } from './readModel.ts';
import { float32 } from './tensor.ts';
import { writeModel } from './writeModel.ts';

// What strangers may send. Whatever it asks for, it is refused with the reason and takes no memory that it does not bring.

const mebibyte = 2 ** 20;

/** The reason for which the bytes are refused. */
const refusal = (bytes: Uint8Array, options?: ReadOptions): string => {
  const before = process.memoryUsage().arrayBuffers;
  let reason = '';
  try {
    readModel(bytes, options);
  } catch (error) {
    expect(error).toBeInstanceOf(OnnxError);
    reason = (error as OnnxError).message;
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mebibyte);
  return reason;
};

type Write = (writer: protobuf.Writer) => void;

const message =
  (field: number, write: Write): Write =>
  (writer) => {
    writer.uint32((field << 3) | 2).fork();
    write(writer);
    writer.ldelim();
  };
const integer =
  (field: number, value: number | string): Write =>
  (writer) =>
    writer.uint32(field << 3).int64(value);
const text =
  (field: number, value: string): Write =>
  (writer) =>
    writer.uint32((field << 3) | 2).string(value);
const all =
  (...writes: readonly Write[]): Write =>
  (writer) => {
    for (const write of writes) write(writer);
  };

/** A file whose graph has these fields. */
const fileOf = (...graph: readonly Write[]): Uint8Array => {
  const writer = protobuf.Writer.create();
  all(integer(1, 8), message(8, integer(2, 17)), message(7, all(...graph)))(writer);
  return writer.finish();
};

const tensorOf = (dims: readonly (number | string)[], name = 'w'): Write =>
  message(5, all(...dims.map((dim) => integer(1, dim)), integer(2, 1), text(8, name)));

test.each<[what: string, bytes: Uint8Array, reason: string]>([
  ['nothing', new Uint8Array(0), 'The file is empty; an ONNX model was expected'],
  ['a zip archive', Buffer.from('PK\u0003\u0004'), 'The file is a zip archive, not an ONNX model; unpack it first'],
  ['a gzip bomb', gzipSync(Buffer.alloc(16 * mebibyte)), 'The file is gzip, not an ONNX model; unpack it first'],
  [
    'a pointer of Git LFS',
    Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
    'The file is a Git LFS pointer, not an ONNX model; fetch the file itself',
  ],
  ['a web page', Buffer.from('<!DOCTYPE html>'), 'The file is a web page, not an ONNX model; fetch the file itself'],
  [
    'a Python pickle',
    Buffer.from([0x80, 0x02, 0x7d]),
    'The file is a Python pickle, not an ONNX model; export it to ONNX',
  ],
  [
    'other bytes',
    Buffer.from('Lorem ipsum dolor'),
    'model: byte 0 begins no field of a protocol buffer; this is no ONNX file or it is damaged',
  ],
  [
    'zeros',
    Buffer.alloc(1_000),
    'model: byte 0 begins no field of a protocol buffer; this is no ONNX file or it is damaged',
  ],
])('%s in place of a model is named', (_, bytes, reason) => {
  expect(refusal(bytes)).toBe(reason);
});

test('a file that is cut off anywhere is refused, or the rest of it is a model', () => {
  const bytes = writeModel(layered(1));
  for (let end = 1; end < bytes.length; end++) refusal(bytes.subarray(0, end));
  expect(refusal(bytes.subarray(0, bytes.length - 1))).toMatch(/announced|cut off|imports no version/);
});

test.each<[what: string, bytes: Uint8Array, reason: string]>([
  [
    'a graph of 2 GB',
    Buffer.from('3affffffff07', 'hex'),
    'model: 2147483647 bytes are announced at byte 6; the file has 0 there',
  ],
  [
    'a graph of 2^64 bytes',
    Buffer.from('3affffffffffffffffff01', 'hex'),
    'model: the field at byte 1 is cut off or damaged (invalid length encoding)',
  ],
  [
    'an endless number',
    Buffer.from('08ffffffffffffffffffffff', 'hex'),
    'model: the field at byte 0 is cut off or damaged (invalid varint encoding)',
  ],
  [
    'groups in groups',
    Buffer.alloc(100_000, 0x0b),
    'model: byte 0 begins no field of a protocol buffer; this is no ONNX file or it is damaged',
  ],
  [
    'a tensor of 2^40 elements',
    fileOf(tensorOf([2 ** 20, 2 ** 20])),
    'tensor w: float32[1048576,1048576] takes 4398046511104 bytes; at most 2147483648 are read',
  ],
  [
    'a tensor that brings nothing',
    fileOf(tensorOf([1_000_000])),
    'tensor w: float32[1000000] takes 4000000 bytes; 0 are stored',
  ],
  [
    'dims beyond 2^53 together',
    fileOf(tensorOf([2 ** 30, 2 ** 30])),
    'tensor w: float32[1073741824,1073741824] has more than 2^53 bytes',
  ],
  [
    'dims that come to nothing by overflow',
    fileOf(tensorOf([2 ** 32, 2 ** 32])),
    'tensor w: float32[4294967296,4294967296] has more than 2^53 bytes',
  ],
  [
    'a dim beyond 2^53',
    fileOf(tensorOf(['9223372036854775807'])),
    'graph, initializer 0: the integer 9223372036854775807 is beyond 2^53, which is not read here',
  ],
  ['a negative dim', fileOf(tensorOf([-1, 4])), 'tensor w: -1 is no dim of a tensor; dims are 0 or more'],
  [
    '33 dims',
    fileOf(tensorOf(Array.from({ length: 33 }, () => 1))),
    'graph, initializer 0: the tensor has more than 32 dims',
  ],
  ['two weights of one name', fileOf(tensorOf([0]), tensorOf([0])), 'graph: two initializers are named w'],
  ['two graphs', Buffer.concat([fileOf(), Buffer.of(0x3a, 0)]), 'model: it has two graphs'],
  ['a name of 5,000 bytes', fileOf(text(2, 'x'.repeat(5_000))), 'graph: a name has 5000 bytes; at most 4096 are read'],
  ['a name that is no text', fileOf((w) => w.uint32(18).bytes(Buffer.of(0xc3, 0x28))), 'graph: a name is not UTF-8'],
])('%s is refused with the reason', (_, bytes, reason) => {
  expect(refusal(bytes)).toBe(reason);
});

const nested = (depth: number): Graph => ({
  name: '',
  inputs: [],
  outputs: [],
  nodes:
    depth === 0
      ? []
      : [
          {
            name: '',
            op: 'If',
            domain: '',
            inputs: [],
            outputs: [],
            attributes: new Map([['body', { kind: 'graph', value: nested(depth - 1) }]]),
          },
        ],
  initializers: new Map(),
  values: new Map(),
});
const withGraph = (graph: Graph): Model => ({ ...linear(), graph });

test('graphs in graphs are read to a depth that no exporter comes to, and no further', () => {
  expect(readModel(writeModel(withGraph(nested(16)))).graph.nodes).toHaveLength(1);
  expect(refusal(writeModel(withGraph(nested(17))))).toContain(
    'graphs stand 17 deep in each other; at most 16 are read',
  );
  expect(refusal(writeModel(withGraph(nested(500))))).toContain('at most 16 are read');
});

test.each<[limit: Partial<Limits>, reason: string]>([
  [{ fileBytes: 100 }, 'bytes; at most 100 are read'],
  [{ nodes: 2 }, 'the model has more than 2 nodes'],
  [{ initializers: 2 }, 'the model has more than 2 initializers'],
  [{ values: 1 }, 'the model has more than 1 inputs, outputs and noted values'],
  [{ attributes: 3 }, 'the model has more than 3 attributes'],
  [{ edges: 5 }, 'the model has more than 5 inputs and outputs of nodes'],
  [{ listItems: 2 }, 'the model has more than 2 items in the lists of attributes'],
  [{ tensorBytes: 32 }, 'float32[4,4] takes 64 bytes; at most 32 are read'],
  [{ totalBytes: 100 }, 'the model has more than 100 bytes in tensors'],
  [{ nameBytes: 8 }, 'bytes; at most 8 are read'],
  [{ rank: 1 }, 'more than 1 dims'],
])('whoever runs the worker can say less: %o', (limits, reason) => {
  expect(refusal(writeModel(layered(2)), { limits })).toContain(reason);
});

test('a few bytes that are used a million times as external data are counted each time', () => {
  const entry = (key: string, value: string) => message(13, all(text(1, key), text(2, value)));
  const weights = Array.from({ length: 1_000 }, (_, i) =>
    message(5, all(integer(1, mebibyte), integer(2, 1), text(8, `w${i}`), entry('location', 'data'), integer(14, 1))),
  );
  const data = new Uint8Array(4 * mebibyte);
  const options = { external: () => data, limits: { totalBytes: 2 ** 30 } };
  expect(refusal(fileOf(...weights), options)).toBe('tensor w256: the model has more than 1073741824 bytes in tensors');
  expect(refusal(fileOf(...weights), { external: () => data })).toBe('');
});

test('what a name would do to a terminal does not reach it', () => {
  const bytes = fileOf(tensorOf([1], '\u001b[2J\u202egnp.exe'));
  expect(refusal(bytes)).toBe('tensor \\u{1b}[2J\\u{202e}gnp.exe: float32[1] takes 4 bytes; 0 are stored');
});

test('what is not read here is refused by its name', () => {
  const value = (type: Write) => message(11, all(text(1, 'x'), message(2, type)));
  const attribute = (kind: number) => message(1, all(text(4, 'Op'), message(5, all(text(1, 'a'), integer(20, kind)))));
  expect(refusal(fileOf(message(15, () => {})))).toBe('graph: sparse initializers are not read here; store them dense');
  expect(refusal(fileOf(value(message(4, () => {}))))).toBe(
    'graph, input 0 (x): a sequence is not read here; only tensors are',
  );
  expect(refusal(fileOf(value(message(1, integer(1, 8)))))).toContain('x: elements of type string are not read here');
  expect(refusal(fileOf(attribute(10)))).toBe(
    'graph, node 0 (Op): the attribute a is of kind graphs, which is not read here',
  );
  const functions = protobuf.Writer.create().uint32(202).fork().ldelim().finish();
  expect(refusal(Buffer.concat([writeModel(linear()), functions]))).toContain(
    'functions of its own are not read here; inline them',
  );
  const training = protobuf.Writer.create().uint32(162).fork().ldelim().finish();
  expect(refusal(Buffer.concat([writeModel(linear()), training]))).toContain(
    'training information of ONNX is not read here',
  );
});

test('weights that may be overridden are read as weights', () => {
  const model = linear();
  const input = { name: 'w', type: 'float32' as const, shape: [2, 2] };
  const old = { ...model, irVersion: 3, graph: { ...model.graph, inputs: [...model.graph.inputs, input] } };
  expect(readModel(writeModel(old)).graph.inputs).toEqual(model.graph.inputs);
  expect(readModel(writeModel(old)).graph.initializers.get('w')).toEqual(float32([2, 2], [1, 2, 3, 4]));
});
