import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Hex } from '@openledger/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import { defaultSampling, type Engine } from '../engine.ts';
import { openOnnxEngine } from '../onnx/index.ts';
import { type AdapterStore, AdapterUnavailableError } from '../served.ts';
import { createAdapterStore } from './adapterStore.ts';
import { type Revision, writeRevisions } from './revisions.fixture.ts';
import { fixtures } from './store.fixture.ts';

const tiny = join(import.meta.dirname, '../../../fixtures/written/tiny');
const ADAPTERS = 10;
const LOADED = 3;

let folder: string;
let engine: Engine;
let store: AdapterStore;
let adapters: readonly Revision[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-engine-'));
  // Of other strengths, so that each has something else to say.
  adapters = await writeRevisions(join(tiny, 'adapter'), join(folder, 'published'), ADAPTERS, (n) => ({
    lora_alpha: n + 1,
  }));
  engine = await openOnnxEngine({ folder: join(tiny, 'base'), threads: 1, rows: 4, queue: 64, maxRank: 8 });
  store = await createAdapterStore({ engine, cacheDir: join(folder, 'cache'), maxLoaded: LOADED, allowFiles: true });
});
afterAll(async () => {
  await store.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;
const generate = async (adapter: Hex): Promise<string> => {
  const said: string[] = [];
  const pieces = engine.generate({
    id: `${++count}`,
    adapter,
    prompt: [1, 2, 3],
    maxTokens: 6,
    n: 1,
    sampling: { ...defaultSampling, temperature: 0 },
    stop: [],
    ignoreEnd: true,
    logprobs: 0,
  });
  for await (const { tokens = [] } of pieces) said.push(...tokens.map(({ id, logprob }) => `${id} (${logprob})`));
  return said.join(' ');
};
const ask = async (adapter: Revision): Promise<string> => {
  const lease = await store.acquire(adapter);
  try {
    return await generate(lease.hash);
  } finally {
    lease.release();
  }
};

test('with room for few, each of many that are asked at once is answered by its own adapter', async () => {
  const alone: string[] = [];
  for (const adapter of adapters) alone.push(await ask(adapter));
  expect(new Set(alone).size).toBe(ADAPTERS);
  const order = Array.from({ length: 60 }, (_, n) => (n * 7 + Math.floor(n / 3)) % ADAPTERS);
  const answers = await Promise.all(order.map((n) => ask(adapters[n]!)));
  expect(answers).toEqual(order.map((n) => alone[n]));
  expect(engine.status().loaded.length).toBeLessThanOrEqual(LOADED);
  expect(store.status().every(({ leases }) => leases === 0)).toBe(true);
});

test('an adapter for another base is refused with the engine’s reason, and others go on', async () => {
  const llama = join(fixtures, 'plain');
  const other = store.acquire({ hash: await adapterHash(llama), uri: pathToFileURL(llama).href });
  await expect(other).rejects.toThrow(AdapterUnavailableError);
  await expect(other).rejects.toThrow(/^The adapter cannot be loaded: /);
  expect(store.counts().refused).toBe(1);
  expect(await ask(adapters[0]!)).toMatch(/\d/);
});
