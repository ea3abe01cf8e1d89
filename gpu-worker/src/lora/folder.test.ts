import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keccak256 } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adapterOf, tensorsOf } from './adapter.ts';
import { LoraError } from './errors.ts';
import { adapterHash, readAdapter, writeAdapter } from './folder.ts';
import { adapterLimits } from './limits.ts';
import type { SafeTensor } from './safetensors.ts';
import { randomAdapter } from './testing.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adapter-'));
});
afterAll(() => rm(folder, { recursive: true }));

const q = 'model.layers.0.self_attn.q_proj';
const adapter = randomAdapter({
  modules: { [q]: [8, 6], lm_head: [8, 5] },
  seed: 'folder',
  rankPattern: { lm_head: 1 },
});

test('an adapter that was written is the adapter that is read', async () => {
  const hash = await writeAdapter(folder, adapter);
  const found = await readAdapter(folder, { expectedHash: hash });
  expect(found.hash).toBe(hash);
  expect(await adapterHash(folder)).toBe(hash);
  expect([...found.modules].map(([name, { rank, scale }]) => [name, rank, scale])).toEqual([
    ['lm_head', 1, 4],
    [q, 2, 2],
  ]);
  expect(found.modules.get(q)!.a.data).toEqual(adapter.modules.get(q)!.a.data);
  expect(await readdir(folder)).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
});

test('its hash is one that anybody can compute with sha256sum and keccak', async () => {
  await writeAdapter(folder, adapter);
  const lines = execFileSync('sha256sum', ['adapter_config.json', 'adapter_model.safetensors'], { cwd: folder });
  expect(await adapterHash(folder)).toBe(keccak256(lines));
});

test('an adapter with another hash than the chain has is not loaded', async () => {
  await writeAdapter(folder, adapter);
  await expect(readAdapter(folder, { expectedHash: `0x${'00'.repeat(32)}` })).rejects.toThrow(
    /has hash 0x\w+; expected 0x00/,
  );
});

test('a folder without an adapter is told by name', async () => {
  await expect(readAdapter(join(folder, 'nothing'))).rejects.toThrow(
    'is no PEFT adapter: adapter_config.json is missing',
  );
});

test('a file larger than allowed is not read into memory', async () => {
  await writeAdapter(folder, adapter);
  // Sparse: a terabyte of nothing.
  await truncate(join(folder, 'adapter_model.safetensors'), 2 ** 40);
  await expect(readAdapter(folder)).rejects.toThrow('has 1099511627776 bytes; at most 1073741824 are read');
  await writeFile(join(folder, 'adapter_config.json'), Buffer.of(0xff));
  await truncate(join(folder, 'adapter_model.safetensors'), 0);
  await expect(readAdapter(folder)).rejects.toThrow('adapter_config.json is not UTF-8');
});

describe('tensors that do not fit their config are refused', () => {
  const { config } = adapter;
  const given = tensorsOf(adapter).tensors;
  const [keyA, keyB] = [`base_model.model.${q}.lora_A.weight`, `base_model.model.${q}.lora_B.weight`];
  const f32 = (dims: number[], value = 0): SafeTensor => ({
    dtype: 'F32',
    dims,
    data: new Uint8Array(new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(value).buffer),
  });
  test.each<[string, [string, SafeTensor | undefined][], string]>([
    ['B is missing', [[keyB, undefined]], `has lora_A for ${q}, but no lora_B`],
    ['A is missing', [[keyA, undefined]], `has lora_B for ${q}, but no lora_A`],
    [
      'another rank',
      [
        [keyA, f32([3, 8])],
        [keyB, f32([6, 3])],
      ],
      `${q} has tensors of rank 3; by adapter_config.json it is 2`,
    ],
    ['ranks that differ', [[keyA, f32([3, 8])]], 'expected [rank, in] and [out, rank]'],
    ['no matrix', [[keyA, f32([2, 8, 1])]], 'expected [rank, in] and [out, rank]'],
    ['nothing in it', [[keyA, f32([2, 0])]], 'has tensors without elements'],
    [
      'a module that peft would leave alone',
      [['base_model.model.k_proj.lora_A.weight', f32([2, 8])]],
      'which target_modules of its config leaves out',
    ],
    ['an embedding', [['base_model.model.wte.lora_embedding_A', f32([2, 8])]], 'adapts an embedding'],
    ['a magnitude', [[`base_model.model.${q}.lora_magnitude_vector`, f32([6])]], "is DoRA's"],
    ['a whole module', [['base_model.model.lm_head.weight', f32([6])]], "is none of an adapter's"],
    ['NaN', [[keyA, f32([2, 8], Number.NaN)]], `lora_A of ${q} holds numbers that are not finite`],
    ['infinity', [[keyB, f32([6, 2], Number.NEGATIVE_INFINITY)]], 'holds numbers that are not finite'],
    ['infinity once it is scaled', [[keyB, f32([6, 2], 3e38)]], 'scaled by 2, holds numbers that are not finite'],
    ['integers', [[keyA, { ...f32([2, 8]), dtype: 'I32' }]], 'Weights are F32, F16, BF16 or F64; these are I32'],
  ])('%s', (_, changes, message) => {
    const tensors = new Map(given);
    for (const [key, tensor] of changes) {
      if (tensor === undefined) tensors.delete(key);
      else tensors.set(key, tensor);
    }
    const read = () => adapterOf(config, { tensors, metadata: new Map() });
    expect(read).toThrow(LoraError);
    expect(read).toThrow(message);
  });

  test('more modules than are allowed', () => {
    const read = () => adapterOf(config, tensorsOf(adapter), { ...adapterLimits, modules: 1 });
    expect(read).toThrow('more than 1 modules');
  });

  test('no tensors at all', () => {
    expect(() => adapterOf(config, { tensors: new Map(), metadata: new Map() })).toThrow(
      'no lora_A and lora_B tensors',
    );
  });
});
