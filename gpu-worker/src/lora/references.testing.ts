import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inferShapes, type Model, readModelFile } from '../onnx/index.ts';
import type { Bank } from './bank.ts';
import { toFloat32 } from './floats.ts';
import { readAdapter } from './folder.ts';
import { readSafetensors, type SafeTensor } from './safetensors.ts';
import { type Feeds, f32, i64 } from './testing.ts';

// What the tests read from `fixtures/`: models that PyTorch exported, adapters that peft wrote, and their references.

export const fixtures = join(import.meta.dirname, '../../fixtures');
export const readTensors = async (...path: string[]) =>
  readSafetensors(await readFile(join(fixtures, ...path))).tensors;
export const floatsOf = ({ dtype, data }: SafeTensor) => toFloat32(dtype, data);

export const architectures = ['gpt2', 'llama', 'qwen2', 'bert'] as const;
export type Architecture = (typeof architectures)[number];
export const batch = 4;

/** Largest difference, in units of the largest expected value. */
export const relative = (found: Float32Array, expected: Float32Array): number => {
  let [difference, size] = [0, 0];
  for (const [at, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(found[at]! - value));
    size = Math.max(size, Math.abs(value));
  }
  return found.length === expected.length ? difference / size : Number.POSITIVE_INFINITY;
};

export const rowsOf = (values: Float32Array, row: number) => {
  const length = values.length / batch;
  return values.slice(row * length, (row + 1) * length);
};

export const readExport = async (architecture: Architecture, kind: string) =>
  inferShapes(await readModelFile(join(fixtures, 'models', architecture, kind, 'model.onnx')));

/** The reference's tokens for the model's own inputs, and an empty cache. */
export const feedsOf = async (architecture: Architecture, model: Model): Promise<Feeds> => {
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

export const bankFeeds = (bank: Bank, slots: readonly number[]): Feeds => ({
  slot: i64(slots),
  ...Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)])),
});

export const adaptersOf = async (architecture: Architecture) => {
  const names = await readdir(join(fixtures, 'adapters', architecture));
  return Promise.all(
    names.sort().map(async (name) => {
      const folder = join('adapters', architecture, name);
      const logits = floatsOf((await readTensors(folder, 'logits.safetensors')).get('logits')!);
      return { name, folder: join(fixtures, folder), adapter: await readAdapter(join(fixtures, folder)), logits };
    }),
  );
};

export const exported = architectures.flatMap((architecture) =>
  ['legacy', 'dynamo', ...(architecture === 'bert' ? [] : ['past'])].map((kind) => ({ architecture, kind })),
);
