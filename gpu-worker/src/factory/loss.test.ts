import { expect, test } from 'vitest';
import { createBuilder, type Model, prune, tensors } from '../onnx/index.ts';
import { logitsGradient, lossNames, withLoss } from './loss.ts';
import { openSession, ort } from './session.ts';

const lossOf = async (logits: number[][][], labels: number[][], opset = 17) => {
  const dims = [logits.length, logits[0]!.length, logits[0]![0]!.length];
  const g = createBuilder({ opset });
  const scores = g.input('scores', 'float32', ['batch', 'sequence', dims[2]]);
  g.op('Identity', [scores], { outputs: ['logits'] });
  g.output('logits', 'logits', 'float32', ['batch', 'sequence', dims[2]]);
  const lossy = withLoss(g.build(), { logits: 'logits' });
  const slopes = { name: logitsGradient('logits'), type: 'float32', shape: undefined } as const;
  const model: Model = { ...lossy, graph: prune(lossy.graph, [lossNames.loss, lossNames.rows, slopes]) };
  const session = await openSession(model, { threads: 1 });
  const results = await session.run({
    scores: new ort.Tensor('float32', logits.flat(2), dims),
    labels: new ort.Tensor('int64', BigInt64Array.from(labels.flat().map(BigInt)), dims.slice(0, 2)),
  });
  const numbers = (name: string): number[] => Array.from(results[name]!.data as Float32Array);
  return { loss: numbers('loss'), rows: numbers('row_losses'), slopes: numbers(slopes.name) };
};

test.each([
  17, 18, 21,
])('the loss of shifted labels and its gradient are those of PyTorch, ignored labels and large logits included, opset %i', async (opset) => {
  const logits = [
    [
      [0.5, -1, 2],
      [100, -100, 0],
      [1, 1, 1],
    ],
    [
      [0, 0.25, -3],
      [2, 1, 0],
      [-50, 50, 80],
    ],
  ];
  const { loss, rows, slopes } = await lossOf(
    logits,
    [
      [0, 2, -100],
      [1, 1, 0],
    ],
    opset,
  );
  // torch 2.13.0: cross_entropy(logits[:, :-1], labels[:, 1:], ignore_index=-100, reduction='sum') for each row.
  const expected = {
    rows: [0.24131132662296295, 1.0051090717315674],
    slopes: [
      [0.17529039084911346, 0.03911257162690163, -0.214402973651886, 0, 0, 0, 0, 0, 0],
      [
        0.42848342657089233, -0.44981634616851807, 0.021332934498786926, -0.334758996963501, 0.24472849071025848,
        0.09003058075904846, 0, 0, 0,
      ],
    ].flat(),
  };
  expect(Math.abs(loss[0]! - 1.2464204)).toBeLessThan(1e-6);
  for (const [i, row] of rows.entries()) expect(Math.abs(row - expected.rows[i]!)).toBeLessThan(1e-6);
  for (const [i, slope] of slopes.entries()) expect(Math.abs(slope - expected.slopes[i]!)).toBeLessThan(1e-6);
});

test('the loss of what was thought impossible is large, not infinite', async () => {
  const { loss } = await lossOf(
    [
      [
        [1000, -1000, 0],
        [0, 0, 0],
      ],
    ],
    [[0, 1]],
  );
  expect(loss).toEqual([2000]);
});

test('a model without such logits is refused with what it has', () => {
  const g = createBuilder({ opset: 17 });
  g.output('hidden', g.initializer('w', tensors.float32([1], [1])), 'float32', [1]);
  expect(() => withLoss(g.build(), { logits: 'logits' })).toThrow(
    'The loss needs float32 logits: logits is not among the outputs, which are hidden (float32)',
  );
});
