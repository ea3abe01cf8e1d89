import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createBuilder } from './builder.ts';
import { readModel } from './readModel.ts';
import { float32, int64 } from './tensor.ts';
import { writeModel } from './writeModel.ts';

const linear = () => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float32', ['batch', 2]);
  const product = g.op('MatMul', [x, g.initializer('w', float32([2, 2], [1, 2, 3, 4]))]);
  g.output('y', g.op('Reshape', [product, g.constant(int64([1], [-1]))], { attributes: { allowzero: 0 } }), 'float32', [
    undefined,
  ]);
  return g.build();
};

test('a model that was built here is run by onnxruntime', async () => {
  const session = await InferenceSession.create(writeModel(linear()));
  const { y } = await session.run({ x: new Tensor('float32', [1, 1, 2, 0], [2, 2]) });
  expect([...(y!.data as Float32Array)]).toEqual([4, 6, 2, 4]);
});

test('what was written is read as it was', () => {
  const model = linear();
  const bytes = writeModel(model);
  expect(readModel(bytes)).toEqual(model);
  expect(Buffer.from(writeModel(readModel(bytes))).equals(bytes)).toBe(true);
});
