import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createBuilder } from './builder.ts';
import { float16ToFloat32, float32ToFloat16 } from './float16.ts';
import { writeModel } from './writeModel.ts';

test('every float16 is the number that onnxruntime takes it for, and comes back', async () => {
  const g = createBuilder({ opset: 17 });
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const weight = g.initializer('w', { type: 'float16', dims: [65_536], data: new Uint8Array(all.buffer) });
  g.output('y', g.op('Cast', [weight], { attributes: { to: 1 } }));
  const session = await InferenceSession.create(writeModel(g.build()));
  const { y } = await session.run({});
  const values = float16ToFloat32(new Uint8Array(all.buffer));
  expect(values).toEqual(y!.data);
  const back = new Uint16Array(float32ToFloat16(values).buffer);
  expect(back.filter((bits, i) => bits !== i && !Number.isNaN(values[i]!))).toHaveLength(0);
});

test('numbers are rounded as onnxruntime rounds them, so that a stored weight is the one that was measured', async () => {
  const g = createBuilder({ opset: 17 });
  const half = g.op('Cast', [g.input('x', 'float32', ['n'])], { attributes: { to: 10 } });
  g.output('y', g.op('Cast', [half], { attributes: { to: 1 } }));
  const session = await InferenceSession.create(writeModel(g.build()));
  // Around every power of two that a float16 can and cannot hold, on both sides of each tie.
  const values = Float32Array.from({ length: 65_536 }, (_, i) => {
    const scale = 2 ** ((i % 50) - 30);
    return (i & 1 ? -1 : 1) * scale * (1 + Math.round((i * 2_654_435_761) % 4_096) / 4_096);
  });
  const { y } = await session.run({ x: new Tensor('float32', values, [values.length]) });
  expect(float16ToFloat32(float32ToFloat16(values))).toEqual(y!.data);
});
