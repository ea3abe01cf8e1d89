import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { lossNames, withLoss } from '../src/factory/index.ts';
import { modulesOf, packBank, readAdapter, resolveModule, sampleGradients } from '../src/lora/index.ts';
import { readModelFile, specialise } from '../src/onnx/index.ts';
import {
  type Architecture,
  adapterFolder,
  architectures,
  exportsOf,
  feedsOf,
  floatsOf,
  lengthsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
  run,
  tensorOf,
} from './reference.ts';

const tolerance = 1e-3;

/** The loss compares the logits of a position with the next label; a masked language model's label stands in its own place. */
const shifted = (architecture: Architecture, labels: ort.Tensor): ort.Tensor => {
  if (architecture !== 'bert') return labels;
  const data = labels.data as BigInt64Array;
  const moved = data.map((_, i) => (i % labels.dims[1]! === 0 ? -100n : data[i - 1]!));
  return new ort.Tensor('int64', moved, labels.dims);
};

// Every module on every export; and, once for each model, some modules only.
const cases = architectures.flatMap((architecture) => [
  ...exportsOf(architecture).map((exporter) => ({ architecture, exporter, name: 'all-linear' })),
  { architecture, exporter: 'legacy', name: 'plain' },
]);

describe.each(cases)('$name on $architecture by the $exporter exporter', ({ architecture, exporter, name }) => {
  test('has for each row the loss and the gradients that PyTorch finds for it alone', async () => {
    const folder = adapterFolder(architecture, name);
    const adapter = await readAdapter(folder);
    const expected = readTensors(`${folder}/gradients.safetensors`);
    const model = await readModelFile(modelPath(architecture, exporter));
    const known = new Set(modulesOf(model).map((module) => module.name));
    const targets = [...adapter.modules.keys()].map((module) => resolveModule(module, known)!);
    const lossy = specialise(withLoss(model, { logits: 'logits' }), lengthsOf(model));
    const step = sampleGradients(lossy, { loss: lossNames.loss, targets, rank: 4 });
    const bank = packBank(step, [adapter]);
    const results = await run(step.model, {
      ...feedsOf(model, referenceOf(architecture)),
      [step.slot]: new ort.Tensor('int64', [1n, 1n, 1n, 1n], [4]),
      ...Object.fromEntries(
        [...bank.feeds].map(([input, { data, dims }]) => [input, new ort.Tensor('float32', data, dims)]),
      ),
      [lossNames.labels]: shifted(architecture, tensorOf(expected, 'labels')),
    });
    const losses = results[lossNames.rows]!.data as Float32Array;
    expect(relativeDifference(losses, floatsOf(expected, 'losses'))).toBeLessThan(1e-4);
    for (const [peft, { scale, rank }] of adapter.modules) {
      const place = step.modules.find((module) => module.module === resolveModule(peft, known))!;
      const key = `base_model.model.${peft}.lora_`;
      for (const [value, at, factor] of [
        [place.gradientA, `${key}A.weight`, 1],
        [place.gradientB, `${key}B.weight`, scale],
      ] as const) {
        const gradients = toPeft(results[value]!, rank, value === place.gradientA, factor);
        const want = floatsOf(expected, at);
        const size = want.length / 4;
        for (let row = 0; row < 4; row++) {
          const part = (values: Float32Array) => values.subarray(row * size, (row + 1) * size);
          expect(relativeDifference(part(gradients), part(want)), `${at}, row ${row}`).toBeLessThan(tolerance);
        }
      }
    }
  });
});

/** Gradients of a bank's rows as peft's matrices have them: [row, in, slots' rank] → [row, rank, in], [row, slots' rank, out] → [row, out, rank]. */
const toPeft = ({ data, dims }: ort.Tensor, rank: number, isA: boolean, factor: number): Float32Array => {
  const [rows, height, width] = dims as [number, number, number];
  const [columns, lines] = isA ? [height, rank] : [rank, width];
  const turned = new Float32Array(rows * lines * columns);
  for (let row = 0; row < rows; row++) {
    for (let line = 0; line < lines; line++) {
      for (let column = 0; column < columns; column++) {
        const from = (data as Float32Array)[(row * height + column) * width + line]!;
        turned[(row * lines + line) * columns + column] = factor * from;
      }
    }
  }
  return turned;
};
