import { describe, expect, test } from 'vitest';
import {
  type Architecture,
  adapterFolder,
  adaptersOf,
  architectures,
  exportsOf,
  feedsOf,
  floatsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
} from '../../test/reference.ts';
import { addOutputs, inferShapes, type Model, readModelFile } from '../onnx/index.ts';
import { type Bank, createBank, packBank, writeSlot } from './bank.ts';
import { readAdapter } from './folder.ts';
import { graft } from './graft.ts';
import { modulesOf } from './modules.ts';
import { f32, i64, run } from './testing.ts';
import { arraysOf, sharedOptions } from './training.ts';

// Real exports and adapters of peft, in what serving does not show: training, slot 0, exports without a head, memory.

const readExport = async (architecture: Architecture, exporter: string) =>
  inferShapes(await readModelFile(modelPath(architecture, exporter)));

const bankFeeds = (bank: Bank, slots: readonly number[]) => ({
  slot: i64(slots),
  ...Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)])),
});

const cases = architectures.flatMap((architecture) =>
  exportsOf(architecture).map((exporter) => ({ architecture, exporter })),
);

describe.each(cases)('$architecture by the $exporter exporter', ({ architecture, exporter }) => {
  test('answers as the plain base, bit for bit, in slot 0', async () => {
    const base = await readExport(architecture, exporter);
    const feeds = feedsOf(base, referenceOf(architecture));
    const served = graft(base, { kind: 'bank', targets: modulesOf(base).map(({ name }) => name), rank: 6 });
    const bank = packBank(served, [await readAdapter(adapterFolder(architecture, 'all-linear'))]);
    const adapted = await run(served.model, { ...feeds, ...bankFeeds(bank, [0, 0, 0, 0]) }, 'logits');
    expect(adapted).toEqual(await run(base, feeds, 'logits'));
  });

  test('trains each adapter from the logits that it has in PyTorch', async () => {
    const base = await readExport(architecture, exporter);
    const feeds = feedsOf(base, referenceOf(architecture));
    // Sessions take longest; all adapters are tried on one export of each base.
    const names = exporter === 'legacy' ? adaptersOf(architecture) : ['patterns'];
    for (const name of names) {
      const adapter = await readAdapter(adapterFolder(architecture, name));
      const shared = graft(base, sharedOptions(adapter.config, modulesOf(base)));
      const arrays = [...arraysOf(shared, adapter)].map(([input, { dims, values }]) => [input, f32(dims, values)]);
      const logits = await run(shared.model, { ...feeds, ...Object.fromEntries(arrays) }, 'logits');
      const expected = floatsOf(readTensors(`${adapterFolder(architecture, name)}/logits.safetensors`), 'logits');
      expect(relativeDifference(logits, expected), name).toBeLessThan(1e-4);
    }
  });
});

test.each(
  architectures,
)('adapters of peft for %s adapt the modules that peft chose, no more and no fewer', async (architecture) => {
  const modules = modulesOf(await readExport(architecture, 'legacy'));
  for (const name of adaptersOf(architecture)) {
    const { config, modules: own } = await readAdapter(adapterFolder(architecture, name));
    expect([...sharedOptions(config, modules).targets].sort(), name).toEqual([...own.keys()].sort());
  }
});

test("an encoder's export without a head is adapted by adapters of the model with one", async () => {
  const adapter = await readAdapter(adapterFolder('bert', 'plain'));
  const answerOf = async (model: Model, output: string) => {
    const targets = modulesOf(model).flatMap(({ name }) => (name.includes('attention.self') ? [name] : []));
    const served = graft({ ...model, graph: addOutputs(model.graph, [output]) }, { kind: 'bank', targets, rank: 4 });
    const bank = bankFeeds(packBank(served, [adapter]), [1, 0, 1, 1]);
    return run(served.model, { ...feedsOf(model, referenceOf('bert')), ...bank }, output);
  };
  const full = await readExport('bert', 'legacy');
  const head = full.graph.nodes.find(({ name }) => name.includes('predictions/transform/dense/MatMul'))!;
  const hidden = await answerOf(full, head.inputs[0]!);
  const features = await answerOf(await readExport('bert', 'features'), 'last_hidden_state');
  expect(relativeDifference(features, hidden)).toBeLessThan(1e-5);
});

test('swapping an adapter costs no memory that grows with the bank', async () => {
  const base = await readExport('llama', 'legacy');
  const served = graft(base, { kind: 'bank', targets: modulesOf(base).map(({ name }) => name), rank: 6 });
  const bank = createBank(served, { slots: 500 });
  const adapter = await readAdapter(adapterFolder('llama', 'plain'));
  writeSlot(bank, 1, adapter);
  const before = process.memoryUsage().arrayBuffers;
  for (let slot = 1; slot < 100; slot++) writeSlot(bank, slot, adapter);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
});
