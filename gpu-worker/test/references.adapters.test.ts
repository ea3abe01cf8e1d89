import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { graft, modulesOf, packBank, readAdapter, resolveModule } from '../src/lora/index.ts';
import { readModelFile } from '../src/onnx/index.ts';
import {
  adapterFolder,
  adaptersOf,
  architectures,
  exportsOf,
  feedsOf,
  fixtures,
  floatsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
  withSession,
} from './reference.ts';

const tolerance = 1e-4;
const cases = architectures.flatMap((architecture) =>
  exportsOf(architecture).map((exporter) => ({ architecture, exporter })),
);

describe.each(cases)('adapters of peft on $architecture by the $exporter exporter', ({ architecture, exporter }) => {
  test('give the logits of peft, in whatever company of other adapters and of the plain base', async () => {
    const reference = referenceOf(architecture);
    // Those of peft, and one that was trained and written here, which peft has loaded (check.py).
    const folders = [
      ...adaptersOf(architecture).map((name) => adapterFolder(architecture, name)),
      `${fixtures}written/${architecture}`,
    ];
    const adapters = await Promise.all(folders.map((folder) => readAdapter(folder)));
    const model = await readModelFile(modelPath(architecture, exporter));
    const known = new Set(modulesOf(model).map(({ name }) => name));
    const targets = new Set(
      adapters.flatMap(({ modules }) => [...modules.keys()].map((name) => resolveModule(name, known)!)),
    );
    const grafted = graft(model, { kind: 'bank', targets: [...targets], rank: 6 });
    const bank = packBank(grafted, adapters);
    const expected = [
      floatsOf(reference, 'logits'),
      ...folders.map((folder) => floatsOf(readTensors(`${folder}/logits.safetensors`), 'logits')),
    ];
    const feeds = {
      ...feedsOf(model, reference),
      ...Object.fromEntries(
        [...bank.feeds].map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]),
      ),
    };
    const rowSize = expected[0]!.length / 4;
    await withSession(grafted.model, async (runBatch) => {
      for (let first = 0; first < expected.length; first++) {
        const slots = [0, 1, 2, 3].map((row) => (first + row) % expected.length);
        const slot = new ort.Tensor('int64', BigInt64Array.from(slots.map(BigInt)), [4]);
        const { logits } = await runBatch({ ...feeds, slot });
        for (const [row, own] of slots.entries()) {
          const part = (values: Float32Array) => values.subarray(row * rowSize, (row + 1) * rowSize);
          const difference = relativeDifference(part(logits!.data as Float32Array), part(expected[own]!));
          expect(difference, `row ${row} with ${folders[own - 1] ?? 'no adapter'}`).toBeLessThan(tolerance);
        }
      }
    });
  });
});

test.each(['dora', 'modules-to-save'])('%s is refused with its name, not taken for plain LoRA', async (name) => {
  await expect(readAdapter(`${fixtures}refused/llama/${name}`)).rejects.toThrow(/DoRA|modules_to_save/);
});
