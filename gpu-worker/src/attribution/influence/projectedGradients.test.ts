import { describe, expect, test } from 'vitest';
import {
  type Architecture,
  adapterFolder,
  architectures,
  feedsOf,
  floatsOf,
  lengthsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
  run,
  tensorOf,
  turned,
} from '../../../test/reference.ts';
import { lossNames, withLoss } from '../../factory/index.ts';
import { packBank, readAdapter, resolveModule } from '../../lora/index.ts';
import { f32, i64 } from '../../lora/testing.ts';
import { readModelFile, specialise } from '../../onnx/index.ts';
import { projected, projectedGradients } from './projectedGradients.ts';
import { planProjection, projectPart } from './projection.ts';

/** The loss compares a position with the next label; a masked language model's label stands in its own place. */
const labelsOf = (architecture: Architecture, expected: ReturnType<typeof readTensors>) => {
  const labels = tensorOf(expected, 'labels');
  if (architecture !== 'bert') return labels;
  const data = labels.data as BigInt64Array;
  return i64(
    [...data].map((_, at) => (at % labels.dims[1]! === 0 ? -100 : Number(data[at - 1]))),
    [...labels.dims],
  );
};

const cases = architectures.flatMap((architecture) =>
  [300, 2048].map((dimensions) => ({ architecture, dimensions, name: 'all-linear' })),
);

// A wrong projection would pay by wrong gradients and nothing else would show it. PyTorch's are of one row at a time, without padding.
describe.each(cases)('$name on $architecture, $dimensions dimensions', ({ architecture, dimensions, name }) => {
  test("holds PyTorch's gradients of each row, projected", async () => {
    const folder = adapterFolder(architecture, name);
    const adapter = await readAdapter(folder);
    const expected = readTensors(`${folder}/gradients.safetensors`);
    const model = await readModelFile(modelPath(architecture, 'legacy'));
    const step = projectedGradients(specialise(withLoss(model, { logits: 'logits' }), lengthsOf(model)), {
      loss: lossNames.loss,
      rows: lossNames.rows,
      adapter,
      dimensions,
      seed: 'a seed',
    });
    const results = await run(step.model, {
      ...feedsOf(model, referenceOf(architecture)),
      [step.slot]: i64([1, 1, 1, 1]),
      ...Object.fromEntries(
        [...packBank(step, [adapter]).feeds].map(([input, { data, dims }]) => [input, f32(dims, data)]),
      ),
      [lossNames.labels]: labelsOf(architecture, expected),
    });
    const { size, parts } = step.projection;
    const phi = results[projected]!.data as Float32Array;
    expect(size).toBeLessThanOrEqual(dimensions);
    expect(results[projected]!.dims).toEqual([4, size]);
    expect(Object.keys(results).sort()).toEqual([projected, lossNames.rows].sort());

    const known = new Set(step.modules.map(({ module }) => module));
    const pefts = new Map(
      [...adapter.modules].map(([peft, { rank }]) => [resolveModule(peft, known)!, { peft, rank }]),
    );
    for (let row = 0; row < 4; row++) {
      const wanted = parts.flatMap((part) => {
        const { peft, rank } = pefts.get(part.module)!;
        const all = floatsOf(expected, `base_model.model.${peft}.lora_${part.matrix}.weight`);
        const own = all.subarray((row * all.length) / 4, ((row + 1) * all.length) / 4);
        // peft's [rank, in] and [out, rank] as banks have them; what pads the rank has no gradient.
        const isA = part.matrix === 'A';
        const bank = turned(own, isA ? rank : part.columns, isA ? part.rows : rank);
        const padded = new Float32Array(part.rows * part.columns);
        bank.forEach((value, at) => {
          padded[isA ? Math.floor(at / rank) * part.columns + (at % rank) : at] = value;
        });
        // peft's gradient has the scale already.
        return [...projectPart({ ...part, factor: 1 }, padded)];
      });
      expect(relativeDifference(phi.subarray(row * size, (row + 1) * size), wanted), `row ${row}`).toBeLessThan(1e-3);
    }
  });
});

test('the same seed gives the same signs on every machine, another seed others', () => {
  const modules = [{ module: 'q_proj', in: 24, out: 16, rank: 4, scale: 2 }];
  const [first, again, other] = ['one', 'one', 'two'].map((seed) => planProjection(modules, { dimensions: 32, seed }));
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  const left = first!.parts[0]!.left!;
  expect([...left.values.subarray(0, 12)].map(Math.sign)).toMatchInlineSnapshot(`
    [
      -1,
      1,
      1,
      1,
      1,
      -1,
      -1,
      -1,
      -1,
      1,
      1,
      -1,
    ]
  `);
  expect(first!.parts.map(({ matrix, size }) => [matrix, size])).toEqual([
    ['A', 16],
    ['B', 16],
  ]);
});

test('inner products are kept in the mean over seeds', () => {
  const modules = [{ module: 'q_proj', in: 24, out: 16, rank: 4, scale: 1 }];
  const [a, b] = [3, 7].map((by) => Float64Array.from({ length: 96 }, (_, at) => Math.sin(at * by) + 0.5));
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, v, at) => sum + v * y[at]!, 0);
  const found = Array.from({ length: 1000 }, (_, seed) => {
    const [part] = planProjection(modules, { dimensions: 32, seed: `${seed}` }).parts;
    return dot(projectPart(part!, a!), projectPart(part!, b!));
  });
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  const error = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / found.length;
  expect(Math.abs(mean - dot(a!, b!))).toBeLessThan(4 * error);
  expect(error).toBeLessThan(0.1 * Math.abs(dot(a!, b!)));
});

test('fewer dimensions than gradient matrices are refused', () => {
  const modules = [{ module: 'q_proj', in: 24, out: 16, rank: 4, scale: 1 }];
  expect(() => planProjection(modules, { dimensions: 1, seed: '' })).toThrow('2 gradient matrices need as many');
  expect(() => planProjection(modules, { dimensions: 4096, seed: '' })).toThrow('1 to 2048 dimensions');
});
