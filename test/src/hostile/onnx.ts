import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkModel,
  createBuilder,
  OnnxError,
  printModel,
  readModel,
  tensors,
  writeModel,
} from '@openledger/gpu-worker/onnx';
import type { Format } from './format.ts';
import { encode, type Field, protobufMutators, varint } from './protobuf.ts';

const { float32, int64 } = tensors;

const external = new Uint8Array(2 ** 17);

export const onnx: Format = {
  name: 'onnx',
  seeds: async () => [small(), branching(), stored(), ...(await fixtures())],
  read: (bytes) => {
    const model = checkModel(readModel(bytes, { external: () => external }));
    // What was let through is a model: it can be shown, and written and read again to the same bytes.
    printModel(model);
    const written = writeModel(model);
    if (Buffer.compare(writeModel(readModel(written)), written) !== 0)
      throw new Error('It is not written as it was read');
  },
  isRefusal: (error) => error instanceof OnnxError,
  mutators: protobufMutators,
  // A byte of a packed list is at most one element of eight bytes; the rest is for small things, whatever the file.
  mostBytes: (fileBytes) => 65_536 + 8 * fileBytes,
};

/** Every kind of attribute, several types, a name for each dim. */
const small = (): Uint8Array => {
  const g = createBuilder({ opset: 20 });
  const x = g.input('x', 'float32', ['batch', 'sequence', 4]);
  const weight = g.initializer('model.layers.0.weight', float32([4, 4], new Float32Array(16).fill(0.5)));
  const normed = g.op('LayerNormalization', [x, g.initializer('scale', float32([4], [1, 1, 1, 1]))], {
    attributes: { axis: -1, epsilon: 1e-5 },
  });
  const gelu = g.op('Gelu', [g.op('MatMul', [normed, weight])], { attributes: { approximate: 'tanh' } });
  const words: readonly string[] = ['a', 'b'];
  const noted = g.op('Constant', [], { attributes: { value_strings: { kind: 'strings', value: words } } });
  const scaled = g.op('Constant', [], { attributes: { value_floats: { kind: 'floats', value: [0.5, 1.5, 2, 3] } } });
  const sum = g.op('Add', [g.op('Add', [x, gelu]), scaled]);
  const flat = g.op('Reshape', [sum, g.constant(int64([2], [0, -1]))]);
  g.output('y', g.op('Transpose', [flat], { attributes: { perm: [1, 0] } }), 'float32', [undefined, 'batch']);
  g.output('words', noted, 'int64', [2]);
  return writeModel(g.build());
};

const branching = (): Uint8Array => {
  const branch = (op: string) => {
    const g = createBuilder({ opset: 20 });
    g.initializer(`${op}_one`, float32([1], [1]));
    g.output(`${op}_y`, g.op(op, ['x', `${op}_one`], { outputs: [`${op}_y`] }), 'float32', [2]);
    return { kind: 'graph' as const, value: g.build().graph };
  };
  const g = createBuilder({ opset: 20 });
  g.input('x', 'float32', [2]);
  const flag = g.input('flag', 'bool', []);
  g.output('y', g.op('If', [flag], { attributes: { then_branch: branch('Add'), else_branch: branch('Sub') } }));
  return writeModel(g.build());
};

/** Weights in each way that a file can store them; nothing here writes most of them. */
const stored = (): Uint8Array => {
  const bytes = (number: number, value: Uint8Array | string): Field => ({ number, wire: 2, value: Buffer.from(value) });
  const integer = (number: number, value: number): Field => ({ number, wire: 0, value: varint(BigInt(value)) });
  const message = (number: number, ...fields: readonly Field[]) => bytes(number, encode(fields));
  const weight = (name: string, type: number, ...fields: readonly Field[]) =>
    message(5, integer(1, 2), integer(2, type), bytes(8, name), ...fields);
  const varints = Buffer.concat([varint(1n), varint(0n)]);
  const entry = (key: string, value: string) => message(13, bytes(1, key), bytes(2, value));
  const weights = [
    weight('float32', 1, bytes(4, new Uint8Array(8))),
    weight('int32', 6, bytes(5, varints)),
    weight('bool', 9, integer(5, 1), integer(5, 0)),
    weight('float16', 10, bytes(5, varints)),
    weight('int64', 7, bytes(7, varints)),
    weight('float64', 11, bytes(10, new Uint8Array(16))),
    weight('uint64', 13, bytes(11, varints)),
    weight('raw', 1, bytes(9, new Uint8Array(8))),
    weight('external', 1, entry('location', 'data'), entry('offset', '64'), entry('length', '8'), integer(14, 1)),
  ];
  return encode([integer(1, 8), message(8, integer(2, 17)), message(7, bytes(2, 'graph'), ...weights)]);
};

/** Exports of PyTorch; the greater ones would only make every reading slower. */
const fixtures = async (): Promise<Uint8Array[]> => {
  const folder = join(import.meta.dirname, '../../../gpu-worker/fixtures');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.onnx')).sort();
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), size: (await stat(join(folder, name))).size })),
  );
  return Promise.all(
    files.filter(({ size }) => size < 250_000).map(async ({ path }) => new Uint8Array(await readFile(path))),
  );
};
