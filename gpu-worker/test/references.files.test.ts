import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { readAdapter, readSafetensors, writeAdapter, writeSafetensors } from '../src/lora/index.ts';
import { readModelFile, writeModelFile } from '../src/onnx/index.ts';
import { feedsOf, fixtures, floatsOf, modelPath, referenceOf, relativeDifference, run, tensorOf } from './reference.ts';

const found = (pattern: string): readonly string[] => globSync(pattern, { cwd: fixtures }).sort();

/** A scratch folder for as long as it is used. */
const within = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'references-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('tensors that PyTorch wrote are written back byte by byte', async () => {
  const files = found('{models,adapters}/**/*.safetensors');
  expect(files.length).toBeGreaterThan(50);
  for (const file of files) {
    const bytes = await readFile(join(fixtures, file));
    expect(Buffer.from(writeSafetensors(readSafetensors(bytes))).equals(bytes), file).toBe(true);
  }
});

test('adapters that peft wrote are written back byte by byte', async () => {
  for (const config of found('adapters/*/*/adapter_config.json')) {
    const from = join(fixtures, config, '..');
    await within(async (folder) => {
      await writeAdapter(folder, await readAdapter(from));
      for (const file of ['adapter_config.json', 'adapter_model.safetensors']) {
        const [own, theirs] = await Promise.all([folder, from].map((at) => readFile(join(at, file))));
        expect(own!.equals(theirs!), `${relative(fixtures, from)}/${file}`).toBe(true);
      }
    });
  }
});

test('models that exporters wrote are the same after a round through files with their weights beside them', async () => {
  for (const file of found('models/*/*/model.onnx')) {
    const model = await readModelFile(join(fixtures, file));
    await within(async (folder) => {
      const path = join(folder, 'model.onnx');
      await writeModelFile(model, path, { external: { file: 'model.onnx.data', threshold: 256 } });
      expect(await readModelFile(path), file).toEqual(model);
    });
  }
});

test.each([
  'gpt2',
  'llama',
  'qwen2',
] as const)('%s goes on from the keys and values of a first run', async (architecture) => {
  const reference = referenceOf(architecture);
  const model = await readModelFile(modelPath(architecture, 'past'));
  const cut = (name: string, from: number, to: number): ort.Tensor => {
    const { data, dims } = tensorOf(reference, name);
    const rows = Array.from({ length: 4 }, (_, row) => [
      ...(data as BigInt64Array).subarray(row * dims[1]! + from, row * dims[1]! + to),
    ]);
    return new ort.Tensor('int64', BigInt64Array.from(rows.flat()), [4, to - from]);
  };
  const at = (from: number, to: number) => ({
    input_ids: cut('input_ids', from, to),
    position_ids: cut('position_ids', from, to),
    attention_mask: cut('attention_mask', 0, to),
  });
  const first = await run(model, { ...feedsOf(model, reference), ...at(0, 7) });
  const past = Object.entries(first).filter(([name]) => name.startsWith('present.'));
  const renamed = past.map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]);
  const second = await run(model, { ...at(7, 12), ...Object.fromEntries(renamed) });
  const expected = floatsOf(reference, 'logits');
  const vocabulary = expected.length / (4 * 12);
  const later = expected.filter((_, i) => Math.floor(i / vocabulary) % 12 >= 7);
  expect(relativeDifference(second.logits!.data as Float32Array, later)).toBeLessThan(1e-4);
});

test('the features of BERT are those of PyTorch', async () => {
  const reference = referenceOf('bert');
  const model = await readModelFile(modelPath('bert', 'features'));
  const { last_hidden_state: hidden } = await run(model, feedsOf(model, reference));
  expect(relativeDifference(hidden!.data as Float32Array, floatsOf(reference, 'last_hidden_state'))).toBeLessThan(1e-4);
});
