import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import { LoraError } from '../../src/lora/index.ts';
import { type Engine, EngineError, OverloadedError } from '../../src/serving/index.ts';
import { openVllmEngine, type VllmOptions } from '../../src/serving/vllm/index.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { ask, askAll, eventually, failureOf, question } from '../engine/ask.ts';
import { type Emulator, startEmulator } from './emulator.ts';

// What only an engine on a server of its own can meet.

const folder = fileURLToPath(new URL('../../base', import.meta.url));
const prompt = [0, 300, 301];
let vllm: Emulator;
let engine: Engine;
let adapters: Adapters;

const open = (options: Partial<VllmOptions> = {}) =>
  openVllmEngine({ url: vllm.url, folder, rows: 4, queue: 8, maxRank: 4, startPatience: 20_000, ...options });

beforeAll(async () => {
  adapters = await writeAdapters((await readBase(folder)).config, 3, 3);
  vllm = await startEmulator({ folder, maxNumSeqs: 4, maxLoras: 1, maxLoraRank: 3 });
  engine = await open();
});

afterAll(async () => {
  await engine?.close();
  await vllm?.close();
  await adapters?.remove();
});

test('what vLLM forgot when it was started anew is loaded again, once, and the requests are answered', async () => {
  const [adapter] = adapters.fitting;
  await engine.load(adapter!);
  const asked = { prompt, adapter: adapter!.hash, ignoreEnd: true };
  const before = await ask(engine, asked);
  await vllm.restart();
  expect(vllm.loaded()).toEqual([]);
  const after = await Promise.all([1, 2, 3].map(() => ask(engine, asked)));
  expect(after.map(({ ids }) => ids)).toEqual([before.ids, before.ids, before.ids]);
  expect(vllm.loaded()).toEqual([adapter!.hash]);
  await engine.unload(adapter!.hash);
  expect(vllm.loaded()).toEqual([]);
});

test('vLLM keeps an adapter until the requests that have it are answered, those that wait as well', async () => {
  const [adapter] = adapters.fitting;
  await engine.load(adapter!);
  // Four run, the fifth waits here: vLLM has not heard of it yet.
  const asked = { prompt, adapter: adapter!.hash, maxTokens: 40, ignoreEnd: true };
  const work = Array.from({ length: 5 }, () => ask(engine, asked));
  await eventually(() => expect(engine.status()).toMatchObject({ running: 4, waiting: 1 }));
  await engine.unload(adapter!.hash);
  expect(engine.status().loaded).toEqual([]);
  expect(vllm.loaded()).toEqual([adapter!.hash]);
  expect((await Promise.all(work)).map(({ ids }) => ids.length)).toEqual([40, 40, 40, 40, 40]);
  await eventually(() => expect(vllm.loaded()).toEqual([]));
});

test('an adapter that is loaded again before its unloading was told stays', async () => {
  const [adapter] = adapters.fitting;
  await engine.load(adapter!);
  for await (const piece of engine.generate(question({ prompt, adapter: adapter!.hash }))) {
    if (piece.finish !== undefined) continue;
    await engine.unload(adapter!.hash);
    await engine.load(adapter!);
  }
  expect(engine.status().loaded).toEqual([adapter!.hash]);
  expect((await ask(engine, { prompt, adapter: adapter!.hash, maxTokens: 2 })).ids.length).toBeGreaterThan(0);
  await Promise.all([engine.unload(adapter!.hash), engine.load(adapter!), engine.unload(adapter!.hash)]);
  expect(engine.status().loaded).toEqual([]);
  expect(vllm.loaded()).toEqual([]);
});

test('an adapter that vLLM has from an earlier life of this worker is loaded from where it is now', async () => {
  const [, adapter] = adapters.fitting;
  await engine.load(adapter!);
  const another = await open();
  expect((await another.load(adapter!)).bytes).toBeGreaterThan(0);
  expect((await ask(another, { prompt, adapter: adapter!.hash, maxTokens: 3 })).ids.length).toBeGreaterThan(0);
  await another.close();
  expect(vllm.loaded()).toEqual([]);
  // The other worker had it unloaded, and nobody notices.
  expect((await ask(engine, { prompt, adapter: adapter!.hash, maxTokens: 3 })).ids.length).toBeGreaterThan(0);
  await engine.unload(adapter!.hash);
});

test('an adapter that vLLM has let go of itself is unloaded and loaded as any', async () => {
  const [, adapter] = adapters.fitting;
  await engine.load(adapter!);
  vllm.evict(adapter!.hash);
  await engine.unload(adapter!.hash);
  expect(engine.status().loaded).toEqual([]);
  await engine.load(adapter!);
  expect((await ask(engine, { prompt, adapter: adapter!.hash, maxTokens: 3 })).ids.length).toBeGreaterThan(0);
  await engine.unload(adapter!.hash);
  expect(vllm.loaded()).toEqual([]);
});

test('more adapters than run at once in vLLM are all answered', async () => {
  for (const adapter of adapters.fitting) await engine.load(adapter);
  const work = [...adapters.fitting, ...adapters.fitting].map(({ hash }) => ask(engine, { prompt, adapter: hash }));
  expect((await Promise.all(work)).every(({ ids }) => ids.length > 0)).toBe(true);
  for (const { hash } of adapters.fitting) await engine.unload(hash);
});

test('a rank that this engine would take and vLLM does not is the adapter’s fault, in vLLM’s words', async () => {
  const failure = await failureOf(engine.load(adapters.tooHigh));
  expect(failure).toBeInstanceOf(LoraError);
  expect((failure as Error).message).toMatch(/vLLM does not take the adapter.*rank/);
});

test('what goes wrong at vLLM is an error that says whether to try again, and the next request is answered', async () => {
  const asked = { prompt, ignoreEnd: true };
  for (const [how, kind] of [
    ['stream', EngineError],
    ['error event', EngineError],
    [500, EngineError],
    [429, OverloadedError],
  ] as const) {
    vllm.fail(how);
    expect(await failureOf(ask(engine, asked)), String(how)).toBeInstanceOf(kind);
    vllm.fail(undefined);
    expect((await ask(engine, asked)).ids).toHaveLength(16);
    expect(engine.status()).toMatchObject({ running: 0, waiting: 0 });
  }
});

test('each answer is asked for on its own, with a seed that vLLM takes for one', async () => {
  const asked = { prompt, n: 2, maxTokens: 8, ignoreEnd: true, sampling: { temperature: 1, seed: -1 } };
  const first = await askAll(engine, asked);
  expect(vllm.asked.slice(-2)).toMatchObject([
    { n: 1, seed: 2 ** 53 - 1, stream: true, return_token_ids: true },
    { n: 1, seed: 0 },
  ]);
  expect((await askAll(engine, asked)).map(({ ids }) => ids)).toEqual(first.map(({ ids }) => ids));
  // Several of the likeliest, which vLLM itself refuses.
  const [one, other] = await askAll(engine, { prompt, n: 2 });
  expect(one!.ids).toEqual(other!.ids);
});

test('requests one after another share a connection', async () => {
  const before = vllm.connections();
  for (let count = 0; count < 12; count++) await ask(engine, { prompt, maxTokens: 2 });
  expect(vllm.connections() - before).toBeLessThan(4);
});

test('requests that are let go of end in vLLM', async () => {
  for await (const _ of engine.generate(question({ prompt, n: 3, maxTokens: 500, ignoreEnd: true }))) break;
  await eventually(() => expect(vllm.load()).toEqual({ running: 0, waiting: 0 }));
});

test('a server that wants a key, cannot load adapters, or is none says so', async () => {
  const locked = await startEmulator({
    folder,
    maxNumSeqs: 1,
    maxLoras: 1,
    maxLoraRank: 3,
    apiKey: 'only-for-tests',
    isUpdatable: false,
  });
  try {
    expect(await failureOf(open({ url: locked.url }))).toMatchObject({
      name: 'EngineError',
      message: expect.stringContaining('API key'),
    });
    const fixed = await open({ url: `${locked.url}/v1/`, apiKey: 'only-for-tests' });
    expect(await failureOf(fixed.load(adapters.fitting[0]!))).toMatchObject({
      name: 'EngineError',
      message: expect.stringContaining('VLLM_ALLOW_RUNTIME_LORA_UPDATING'),
    });
    expect((await ask(fixed, { prompt, maxTokens: 1 })).ids).toHaveLength(1);
    await fixed.close();
  } finally {
    await locked.close();
  }
  expect(await failureOf(open({ url: locked.url, startPatience: 0 }))).toMatchObject({
    name: 'EngineError',
    message: expect.stringContaining('not ready'),
  });
});

test('an older vLLM that knows no load_inplace is used as it is', async () => {
  const old = await startEmulator({ folder, maxNumSeqs: 1, maxLoras: 1, maxLoraRank: 3, hasInPlace: false });
  try {
    const [adapter] = adapters.fitting;
    const [before, after] = [await open({ url: old.url, rows: 1 }), await open({ url: old.url, rows: 1 })];
    await before.load(adapter!);
    await after.load(adapter!);
    expect((await ask(after, { prompt, adapter: adapter!.hash, maxTokens: 2 })).ids.length).toBeGreaterThan(0);
    await Promise.all([before.close(), after.close()]);
    expect(old.loaded()).toEqual([]);
  } finally {
    await old.close();
  }
});

test('a server that stays unhealthy is a failed engine; one that comes back is not', async () => {
  const impatient = await open({ awayPatience: 1_500 });
  let failure: Error | undefined;
  void impatient.failed.then((error) => {
    failure = error;
  });
  vllm.setHealthy(false);
  await eventually(() => expect(failure).toBeInstanceOf(EngineError));
  vllm.setHealthy(true);
  await impatient.close();
  expect(await Promise.race([engine.failed, Promise.resolve('not failed')])).toBe('not failed');
});

test('the emulator speaks as the official client expects, so far as its routes go', async () => {
  const client = new OpenAI({ baseURL: `${vllm.url}/v1`, apiKey: 'none', maxRetries: 0 });
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual([folder]);
  const whole = await client.completions.create({ model: folder, prompt: 'To use it', max_tokens: 8, temperature: 0 });
  const stream = await client.completions.create({
    model: folder,
    prompt: 'To use it',
    max_tokens: 8,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: unknown;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.text ?? '';
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe(whole.choices[0]!.text);
  expect(usage).toEqual(whole.usage);
  const unknown = client.completions.create({ model: 'nowhere', prompt: 'To use it' });
  expect(await failureOf(unknown)).toMatchObject({ status: 404, type: 'NotFoundError', param: 'model' });
  const long = client.completions.create({ model: folder, prompt: 'To use it', max_tokens: 10_000 });
  expect(await failureOf(long)).toMatchObject({ status: 400, type: 'BadRequestError' });
});
