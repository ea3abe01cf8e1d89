import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addOutputs, inferShapes, type Model, readModelFile } from '../onnx/index.ts';
import { type Bank, createBank, packBank, writeSlot } from './bank.ts';
import { LoraError } from './errors.ts';
import { toFloat32 } from './floats.ts';
import { encodeAdapter, readAdapter } from './folder.ts';
import { graft } from './graft.ts';
import { modulesOf } from './modules.ts';
import { readSafetensors, type SafeTensor } from './safetensors.ts';
import { type Feeds, f32, i64, openSession, run } from './testing.ts';
import { arraysOf, sharedOptions } from './training.ts';

// Adapters that peft wrote, and the logits that PyTorch computed with them, through every export of their base.

const fixtures = join(import.meta.dirname, '../../fixtures');
const readTensors = async (...path: string[]) => readSafetensors(await readFile(join(fixtures, ...path))).tensors;
const floatsOf = ({ dtype, data }: SafeTensor) => toFloat32(dtype, data);

const architectures = ['gpt2', 'llama', 'qwen2', 'bert'] as const;
type Architecture = (typeof architectures)[number];
const batch = 4;

/** Largest difference, in units of the largest expected value. */
const relative = (found: Float32Array, expected: Float32Array): number => {
  let [difference, size] = [0, 0];
  for (const [at, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(found[at]! - value));
    size = Math.max(size, Math.abs(value));
  }
  return found.length === expected.length ? difference / size : Number.POSITIVE_INFINITY;
};

const rowsOf = (values: Float32Array, row: number) => {
  const length = values.length / batch;
  return values.slice(row * length, (row + 1) * length);
};

const readExport = async (architecture: Architecture, kind: string) =>
  inferShapes(await readModelFile(join(fixtures, 'models', architecture, kind, 'model.onnx')));

/** The reference's tokens for the model's own inputs, and an empty cache. */
const feedsOf = async (architecture: Architecture, model: Model): Promise<Feeds> => {
  const reference = await readTensors('models', architecture, 'reference.safetensors');
  return Object.fromEntries(
    model.graph.inputs.map(({ name, shape }) => {
      const known = reference.get(name);
      if (known !== undefined) {
        return [name, i64([...new BigInt64Array(new Uint8Array(known.data).buffer)].map(Number), [...known.dims])];
      }
      const dims = shape!.map((dim, index) => (typeof dim === 'number' ? dim : index === 2 ? 0 : batch));
      return [name, f32(dims, new Float32Array(0))];
    }),
  );
};

const bankFeeds = (bank: Bank, slots: readonly number[]): Feeds => ({
  slot: i64(slots),
  ...Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)])),
});

const adaptersOf = async (architecture: Architecture) => {
  const names = await readdir(join(fixtures, 'adapters', architecture));
  return Promise.all(
    names.sort().map(async (name) => {
      const folder = join('adapters', architecture, name);
      const logits = floatsOf((await readTensors(folder, 'logits.safetensors')).get('logits')!);
      return { name, folder: join(fixtures, folder), adapter: await readAdapter(join(fixtures, folder)), logits };
    }),
  );
};

const exported = architectures.flatMap((architecture) =>
  ['legacy', 'dynamo', ...(architecture === 'bert' ? [] : ['past'])].map((kind) => ({ architecture, kind })),
);

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
      const shared = graft(base, sharedOptions(adapter.config, modulesOf(base)));
      const dims = new Map(shared.model.graph.inputs.map(({ name: input, shape }) => [input, shape as number[]]));
      const arrays = [...arraysOf(shared, adapter)].map(([input, data]) => [input, f32(dims.get(input)!, data)]);
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
