import { expect, test } from 'vitest';
import {
  adapterFolder,
  feedsOf,
  floatsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
  tensorOf,
  withSession,
} from '../../test/reference.ts';
import { lossNames, withLoss } from '../factory/index.ts';
import { inferShapes, readModelFile } from '../onnx/index.ts';
import { packBank } from './bank.ts';
import { readAdapter } from './folder.ts';
import { loraA, loraB, peftPrefix } from './names.ts';
import { sampleGradients } from './sampleGradients.ts';
import { f32, i64 } from './testing.ts';

/** Rows of [rows, columns] matrices, each transposed. */
const transposed = (values: Float32Array, rows: number, columns: number) => {
  const size = rows * columns;
  return Float32Array.from(values, (_, at) => {
    const within = at % size;
    return values[at - within + (within % rows) * columns + Math.floor(within / rows)]!;
  });
};

// PyTorch computed them one row at a time and without padding.
test.each([
  'gpt2',
  'llama',
  'qwen2',
] as const)("one pass over %s gives PyTorch's gradients of each row", async (architecture) => {
  const folder = adapterFolder(architecture, 'plain');
  const base = inferShapes(await readModelFile(modelPath(architecture, 'dynamo')));
  const adapter = await readAdapter(folder);
  const expected = readTensors(`${folder}/gradients.safetensors`);
  const gradients = sampleGradients(withLoss(base, { logits: 'logits' }), {
    loss: lossNames.loss,
    targets: [...adapter.modules.keys()],
    rank: 5,
  });
  const bank = packBank(gradients, [adapter]);
  const found = await withSession(gradients.model, (run) =>
    run({
      ...feedsOf(base, referenceOf(architecture)),
      ...Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)])),
      [gradients.slot]: i64([1, 1, 1, 1]),
      [lossNames.labels]: tensorOf(expected, 'labels'),
    }),
  );
  for (const { module, rank: room, in: inputs, out, gradientA, gradientB } of gradients.modules) {
    const { rank, scale } = adapter.modules.get(module)!;
    const a = transposed(found[gradientA]!.data as Float32Array, inputs, room);
    const b = transposed(found[gradientB]!.data as Float32Array, room, out).map((value) => value * scale);
    // [row, room, in] and [row, out, room]: what pads the rank is left out.
    const ownA = a.filter((_, at) => Math.floor(at / inputs) % room < rank);
    const ownB = b.filter((_, at) => at % room < rank);
    expect(relativeDifference(ownA, floatsOf(expected, peftPrefix + module + loraA)), module).toBeLessThan(1e-3);
    expect(relativeDifference(ownB, floatsOf(expected, peftPrefix + module + loraB)), module).toBeLessThan(1e-3);
  }
});
