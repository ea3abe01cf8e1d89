import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { branching, layered, linear } from '../../test/onnx/smallModels.ts';
import { printModel } from './print.ts';
import { findRepeats } from './repeats.ts';
import { writeModel } from './writeModel.ts';

test('a person sees what goes in and out, the weights of all layers in one line, and each layer once', () => {
  expect(printModel(layered(4))).toMatchInlineSnapshot(`
    "openledger, opset 20, IR 8
    inputs
      x float32[batch, sequence, 4]
    outputs
      y float32[batch, 4, sequence]
    10 weights and constants, 82 elements, 325 bytes
      model.layers.{0…3}.mlp.weight float32[4, 4]
    19 nodes
      LayerNormalization = LayerNormalization(x, [1, 1, 1, 1] float32, axis: -1, epsilon: 0.00001)
      MatMul = MatMul(LayerNormalization, model.layers.0.mlp.weight)
      Gelu = Gelu(MatMul, approximate: "tanh")
      Add = Add(x, Gelu)
      … layers.1 … layers.3: 3 more blocks of the 4 nodes above
      Where = Where([1] bool, Add_3, 0 float32)
      Transpose = Transpose(Where, perm: [0, 2, 1])
      y float32[batch, 4, sequence] = Identity(Transpose)
    "
  `);
});

test('branches are shown inside the node that chooses between them', () => {
  expect(printModel(branching())).toMatchInlineSnapshot(`
    "openledger, opset 21, IR 10
    inputs
      x float32[2]
      flag bool[]
    outputs
      y float32[2]
    1 node
      y float32[2] = If(flag, then_branch: a graph of 1 node, else_branch: a graph of 1 node)
        then_branch:
          outputs
            then_y float32
          1 node
            then_y float32 = Add(x, one)
        else_branch:
          outputs
            else_y float32
          1 node
            else_y float32 = Sub(x, one)
    "
  `);
});

test('layers are found whole, whatever is alike inside them', () => {
  const layer = ['norm', 'q', 'k', 'k', 'add', 'norm', 'up', 'add'];
  const items = ['embed', ...layer, ...layer, ...layer, 'norm', 'head'];
  expect(findRepeats(items)).toEqual([{ start: 1, length: 8, count: 3 }]);
  expect(findRepeats(['a', 'a', 'a', 'b'])).toEqual([]);
});

test('looking for layers ends soon in a graph of 20,000 nodes', () => {
  const started = performance.now();
  findRepeats(Array.from({ length: 20_000 }, (_, i) => String(i % 7 === 0 ? i : 0)));
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('npm run show prints a model, and says of other files what they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onnx-show-'));
  const program = join(import.meta.dirname, '../../scripts/show.ts');
  const show = (path: string) => promisify(execFile)(process.execPath, [program, path]);
  try {
    await writeFile(join(folder, 'model.onnx'), writeModel(linear()));
    await writeFile(join(folder, 'model.zip'), 'PK\u0003\u0004');
    expect((await show(join(folder, 'model.onnx'))).stdout).toBe(printModel(linear()));
    await expect(show(join(folder, 'model.zip'))).rejects.toMatchObject({
      code: 1,
      stderr: 'show: The file is a zip archive, not an ONNX model; unpack it first\n',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
