import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addOutputs, type Model } from '../onnx/index.ts';
import { createBank, packBank, writeSlot } from './bank.ts';
import { LoraError } from './errors.ts';
import { encodeAdapter, readAdapter } from './folder.ts';
import { graft } from './graft.ts';
import { modulesOf } from './modules.ts';
import {
  adaptersOf,
  architectures,
  bankFeeds,
  batch,
  exported,
  feedsOf,
  fixtures,
  floatsOf,
  readExport,
  readTensors,
  relative,
  rowsOf,
} from './references.testing.ts';
import { f32, openSession, run } from './testing.ts';
import { arraysOf, sharedOptions } from './training.ts';

// Adapters that peft wrote, and the logits that PyTorch computed with them, through every export of their base.

describe.each(exported)('$architecture as $kind export', ({ architecture, kind }) => {
  test('serves each adapter with the logits that it has in PyTorch, in batches of one adapter and of several', async () => {
    const base = await readExport(architecture, kind);
    const given = await feedsOf(architecture, base);
    const adapters = await adaptersOf(architecture);
    const served = graft(base, { kind: 'bank', targets: modulesOf(base).map(({ name }) => name), rank: 6 });
    const bank = packBank(
      served,
      adapters.map(({ adapter }) => adapter),
    );
    const session = await openSession(served.model);
    const answer = async (slots: readonly number[]) => {
      const results = await session.run({ ...given, ...bankFeeds(bank, slots) }, ['logits']);
      return Float32Array.from(results.logits!.data as Float32Array);
    };
    const plain = floatsOf((await readTensors('models', architecture, 'reference.safetensors')).get('logits')!);
    const expected = [plain, ...adapters.map(({ logits }) => logits)];
    for (const [slot, logits] of expected.entries()) {
      expect(relative(await answer(Array(batch).fill(slot)), logits), `slot ${slot}`).toBeLessThan(1e-4);
    }
    const mixed = [3, 0, 1, 5];
    const answers = await answer(mixed);
    for (const [row, slot] of mixed.entries()) {
      expect(relative(rowsOf(answers, row), rowsOf(expected[slot]!, row))).toBeLessThan(1e-4);
    }
    expect(await answer([0, 0, 0, 0])).toEqual(await run(base, given, 'logits'));
    await session.release();
  });

  test('trains each adapter from the logits that it has in PyTorch', async () => {
    const base = await readExport(architecture, kind);
    const given = await feedsOf(architecture, base);
    for (const { adapter, logits, name } of await adaptersOf(architecture)) {
      // Sessions take longest; all adapters are tried on one export of each base.
      if (kind !== 'legacy' && name !== 'patterns') continue;
      const shared = graft(base, sharedOptions(adapter.config, modulesOf(base)));
      const arrays = [...arraysOf(shared, adapter)].map(([input, { dims, values }]) => [input, f32(dims, values)]);
      const found = await run(shared.model, { ...given, ...Object.fromEntries(arrays) }, 'logits');
      expect(relative(found, logits), name).toBeLessThan(1e-4);
    }
  });
});

test("an encoder's export without a head is adapted by adapters of the model with one", async () => {
  const features = await readExport('bert', 'features');
  const full = await readExport('bert', 'legacy');
  const { adapter } = (await adaptersOf('bert')).find(({ name }) => name === 'plain')!;
  const answerOf = async (model: Model, output: string) => {
    const targets = modulesOf(model)
      .map(({ name }) => name)
      .filter((name) => /attention\.self/.test(name));
    const served = graft({ ...model, graph: addOutputs(model.graph, [output]) }, { kind: 'bank', targets, rank: 4 });
    const given = { ...(await feedsOf('bert', model)), ...bankFeeds(packBank(served, [adapter]), [1, 0, 1, 1]) };
    return run(served.model, given, output);
  };
  const head = full.graph.nodes.find(({ name }) => name.includes('predictions/transform/dense/MatMul'))!;
  const hidden = await answerOf(full, head.inputs[0]!);
  expect(relative(await answerOf(features, 'last_hidden_state'), hidden)).toBeLessThan(1e-5);
});

describe.each(architectures)('adapters of peft for %s', (architecture) => {
  test('are written as peft wrote them, to the byte', async () => {
    for (const { folder, adapter } of await adaptersOf(architecture)) {
      const { config, tensors } = encodeAdapter(adapter);
      expect(Buffer.from(config).toString()).toBe(await readFile(join(folder, 'adapter_config.json'), 'utf8'));
      expect(Buffer.compare(tensors, await readFile(join(folder, 'adapter_model.safetensors')))).toBe(0);
    }
  });

  test('adapt the modules that peft chose, no more and no fewer', async () => {
    const base = await readExport(architecture, 'legacy');
    for (const { adapter } of await adaptersOf(architecture)) {
      expect([...sharedOptions(adapter.config, modulesOf(base)).targets].sort()).toEqual(
        [...adapter.modules.keys()].sort(),
      );
    }
  });
});

test.each([
  ['dora', 'use_dora is true, but DoRA rescales'],
  ['modules-to-save', 'modules_to_save is ["lm_head"], but whole modules'],
])('an adapter that is more than LoRA is refused: %s', async (name, message) => {
  const folder = join(fixtures, 'refused/llama', name);
  await expect(readAdapter(folder)).rejects.toThrow(LoraError);
  await expect(readAdapter(folder)).rejects.toThrow(message);
});

test('swapping an adapter costs no memory that grows with the bank', async () => {
  const base = await readExport('llama', 'legacy');
  const served = graft(base, { kind: 'bank', targets: modulesOf(base).map(({ name }) => name), rank: 6 });
  const bank = createBank(served, { slots: 500 });
  const { adapter } = (await adaptersOf('llama'))[0]!;
  writeSlot(bank, 1, adapter);
  const before = process.memoryUsage().arrayBuffers;
  for (let slot = 1; slot < 100; slot++) writeSlot(bank, slot, adapter);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
});
