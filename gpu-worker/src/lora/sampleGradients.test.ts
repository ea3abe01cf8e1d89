import { describe, expect, test } from 'vitest';
import { logitsGradient, withLoss } from '../factory/loss.ts';
import { packBank } from './bank.ts';
import { peftPrefix } from './names.ts';
import {
  adaptersOf,
  bankFeeds,
  batch,
  exported,
  feedsOf,
  floatsOf,
  readExport,
  readTensors,
  relative,
} from './references.testing.ts';
import { sampleGradients } from './sampleGradients.ts';
import { i64, openSession } from './testing.ts';

// Per-row gradients of peft's adapters, which PyTorch computed one row at a time and without padding.

/** Rows of [rows, columns] matrices, each transposed. */
const transposed = (values: Float32Array, rows: number, columns: number) => {
  const size = rows * columns;
  return Float32Array.from(values, (_, at) => {
    const within = at % size;
    return values[at - within + (within % rows) * columns + Math.floor(within / rows)]!;
  });
};

describe.each(exported)('$architecture as $kind export', ({ architecture, kind }) => {
  test.each(
    kind === 'legacy' ? ['plain', 'all-linear'] : ['all-linear'],
  )("one batched pass gives PyTorch's gradients of each row: %s", async (name) => {
    const base = await readExport(architecture, kind);
    const { adapter } = (await adaptersOf(architecture)).find((one) => one.name === name)!;
    const expected = await readTensors('adapters', architecture, name, 'gradients.safetensors');
    const gradients = sampleGradients(withLoss(base, { logits: 'logits' }), {
      loss: 'loss',
      targets: [...adapter.modules.keys()],
      rank: 4,
      given: { logits: logitsGradient('logits') },
    });
    const { data, dims } = expected.get('labels')!;
    const labels = Array.from(new BigInt64Array(new Uint8Array(data).buffer), Number);
    // A decoder's loss shifts labels, an encoder's does not.
    const shifted = architecture === 'bert' ? labels.map((_, at) => labels.at(at - 1)!) : labels;
    const session = await openSession(gradients.model);
    const found = await session.run({
      ...(await feedsOf(architecture, base)),
      ...bankFeeds(packBank(gradients, [adapter]), [1, 1, 1, 1]),
      labels: i64(shifted, [...dims]),
    });
    const valuesOf = (output: string) => found[output]!.data as Float32Array;
    expect(relative(valuesOf('row_losses'), floatsOf(expected.get('losses')!))).toBeLessThan(1e-4);
    for (const { module, rank: room, in: inputs, out, gradientA, gradientB } of gradients.modules) {
      const { rank, scale } = adapter.modules.get(module)!;
      const a = transposed(valuesOf(gradientA), inputs, room);
      const b = transposed(valuesOf(gradientB), room, out).map((value) => value * scale);
      // What pads the rank has no gradient.
      const ownA = a.filter((_, at) => Math.floor(at / inputs) % room < rank);
      const ownB = b.filter((_, at) => at % room < rank);
      expect([a, b].map((values) => values.length / batch)).toEqual([inputs * room, out * room]);
      expect(relative(ownA, floatsOf(expected.get(`${peftPrefix}${module}.lora_A.weight`)!)), module).toBeLessThan(
        1e-3,
      );
      expect(relative(ownB, floatsOf(expected.get(`${peftPrefix}${module}.lora_B.weight`)!)), module).toBeLessThan(
        1e-3,
      );
    }
    await session.release();
  });
});
