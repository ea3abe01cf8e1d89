import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import protobuf from 'protobufjs/minimal.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBuilder } from './builder.ts';
import type { Limits } from './limits.ts';
import { readModelFile, writeModelFile } from './modelFile.ts';
import { readModel } from './readModel.ts';
import { float32 } from './tensor.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const squared = (size: number) => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float32', [1, size]);
  const weight = (name: string) =>
    g.initializer(
      name,
      float32(
        [size, size],
        Array.from({ length: size * size }, (_, i) => i % 7),
      ),
    );
  const small = g.initializer('small', float32([1], [0.5]));
  g.output('y', g.op('Add', [g.op('MatMul', [g.op('MatMul', [x, weight('a')]), weight('b')]), small]), 'float32', [
    1,
    size,
  ]);
  return g.build();
};

const external = { file: 'model.onnx.data', threshold: 1_024 };

test('weights beside the model are read back, and onnxruntime finds them', async () => {
  const model = squared(20);
  const path = join(await mkdtemp(join(folder, 'a')), 'model.onnx');
  await writeModelFile(model, path, { external });
  expect(await readModelFile(path)).toEqual(model);
  const { size } = await stat(join(path, '..', external.file));
  expect(size).toBe(4_096 + 1_600);
  const session = await InferenceSession.create(path);
  const { y } = await session.run({ x: new Tensor('float32', new Float32Array(20).fill(1), [1, 20]) });
  const inside = join(path, '..', 'inside.onnx');
  await writeModelFile(model, inside);
  const same = await (await InferenceSession.create(inside)).run({
    x: new Tensor('float32', new Float32Array(20).fill(1), [1, 20]),
  });
  expect(y!.data).toEqual(same.y!.data);
});

test('the same model gives the same files, and nothing half-written stays', async () => {
  const own = await mkdtemp(join(folder, 'b'));
  await writeModelFile(squared(20), join(own, 'one.onnx'), { external });
  const before = [await readFile(join(own, 'one.onnx')), await readFile(join(own, external.file))];
  await writeModelFile(await readModelFile(join(own, 'one.onnx')), join(own, 'one.onnx'), { external });
  expect([await readFile(join(own, 'one.onnx')), await readFile(join(own, external.file))]).toEqual(before);
  await expect(writeModelFile(squared(20), join(own, 'none', 'one.onnx'))).rejects.toThrow('ENOENT');
  expect((await readdir(own)).sort()).toEqual(['model.onnx.data', 'one.onnx']);
});

test('external data is written beside the model only', async () => {
  for (const file of ['', '..', '../up', '/etc/passwd', 'a/b', 'a\\b']) {
    await expect(
      writeModelFile(squared(20), join(folder, 'm.onnx'), { external: { file, threshold: 1 } }),
    ).rejects.toThrow('the name of a file beside the model belongs there');
  }
});

/** A model whose weight `w`, float32[2], is in external data that says this. */
const pointing = (...entries: readonly [key: string, value: string][]): Uint8Array => {
  const writer = protobuf.Writer.create();
  writer.uint32(8).int64(8).uint32(66).fork().uint32(16).int64(17).ldelim();
  writer.uint32(58).fork().uint32(42).fork().uint32(8).int64(2).uint32(16).int32(1).uint32(66).string('w');
  for (const [key, value] of entries)
    writer.uint32(106).fork().uint32(10).string(key).uint32(18).string(value).ldelim();
  return writer.uint32(112).int32(1).ldelim().ldelim().finish();
};

const readPointing = async (entries: readonly [string, string][], limits: Partial<Limits> = {}) => {
  const own = await mkdtemp(join(folder, 'c'));
  const inside = join(own, 'model');
  await mkdir(join(inside, 'sub'), { recursive: true });
  await writeFile(join(own, 'secret'), Buffer.alloc(8));
  await writeFile(join(inside, 'data'), Buffer.from(new Float32Array([0, 0, 3, 4]).buffer));
  await writeFile(join(inside, 'sub', 'data'), Buffer.from(new Float32Array([5, 6]).buffer));
  await symlink(join(own, 'secret'), join(inside, 'link'));
  await symlink(own, join(inside, 'folder'));
  await writeFile(join(inside, 'huge'), '');
  await truncate(join(inside, 'huge'), 2 ** 40);
  await writeFile(join(inside, 'model.onnx'), pointing(...entries));
  const model = await readModelFile(join(inside, 'model.onnx'), { limits });
  const { data } = model.graph.initializers.get('w')!;
  return [...new Float32Array(data.slice().buffer)];
};

test('files in the model’s folder, and in folders inside it, are read where they are asked for', async () => {
  expect(
    await readPointing([
      ['location', 'data'],
      ['offset', '8'],
    ]),
  ).toEqual([3, 4]);
  expect(
    await readPointing([
      ['location', './sub/data'],
      ['length', '8'],
      ['checksum', 'ab'],
    ]),
  ).toEqual([5, 6]);
});

test.each<[what: string, entries: [string, string][], message: string]>([
  ['no location', [['offset', '0']], 'no location is given'],
  ['an empty location', [['location', '']], "its data is in ''; a path inside the model's folder belongs there"],
  ['the folder itself', [['location', './.']], "its data is in './.'; a path inside the model's folder belongs there"],
  ['a path up', [['location', '../secret']], "its data is in '../secret'; a path inside"],
  ['a path up in disguise', [['location', 'sub/../../secret']], "its data is in 'sub/../../secret'; a path inside"],
  ['a path up of Windows', [['location', 'sub\\..\\..\\secret']], 'a path inside'],
  ['an absolute path', [['location', '/etc/passwd']], "its data is in '/etc/passwd'; a path inside"],
  ['an absolute path of Windows', [['location', 'C:\\secret']], 'a path inside'],
  ['a zero byte', [['location', 'data\0']], 'a path inside'],
  ['a link', [['location', 'link']], 'link is a link; the file itself belongs there'],
  [
    'a folder that is a link',
    [['location', 'folder/secret']],
    "folder/secret leads out of the model's folder by a link",
  ],
  ['a folder', [['location', 'sub']], 'its data is in sub, which is no file'],
  ['no file', [['location', 'none']], 'its data is in none, which is not beside the model'],
  [
    'an offset beyond the file',
    [
      ['location', 'data'],
      ['offset', '16'],
    ],
    'bytes 16 to 24 of data, which has 16 bytes',
  ],
  [
    'an endless offset',
    [
      ['location', 'data'],
      ['offset', '9007199254740991'],
    ],
    'of data, which has 16 bytes',
  ],
  [
    'a negative offset',
    [
      ['location', 'data'],
      ['offset', '-8'],
    ],
    'the offset of its external data is "-8"',
  ],
  [
    'an offset in words',
    [
      ['location', 'data'],
      ['offset', '0x8'],
    ],
    'the offset of its external data is "0x8"',
  ],
  [
    'a length that is not the tensor’s',
    [
      ['location', 'data'],
      ['length', '16'],
    ],
    'it takes 8 bytes; 16 are announced in data',
  ],
  ['a huge file', [['location', 'huge']], 'the files with external data have more than'],
])('external data with %s is refused with the reason', async (_, entries, message) => {
  await expect(readPointing(entries)).rejects.toThrow(message);
});

test('a device, a pipe or a missing file in place of a model is refused, not waited for', async () => {
  await expect(readModelFile(join(folder, 'none.onnx'))).rejects.toThrow('cannot be opened (ENOENT)');
  await expect(readModelFile('/dev/zero')).rejects.toThrow('/dev/zero is no file');
  await expect(readModelFile(folder)).rejects.toThrow('is no file');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await expect(readModelFile(join(folder, 'pipe'))).rejects.toThrow('is no file');
});

test('a model that is too great is refused before it is read', async () => {
  const path = join(folder, 'great.onnx');
  await writeFile(path, '');
  await truncate(path, 2 ** 40);
  await expect(readModelFile(path)).rejects.toThrow('has 1099511627776 bytes; at most 2147483647 are read');
});

test('bytes alone, without the files that they point to, say which one is missing', () => {
  const bytes = pointing(['location', 'data'], ['offset', '8']);
  expect(() => readModel(bytes)).toThrow('tensor w: its data is in data, which is not at hand');
  const data = Buffer.from(new Float32Array([0, 0, 3, 4]).buffer);
  const model = readModel(bytes, { external: (location) => (location === 'data' ? data : undefined) });
  expect(model.graph.initializers.get('w')?.data).toEqual(new Uint8Array(data.subarray(8)));
});
