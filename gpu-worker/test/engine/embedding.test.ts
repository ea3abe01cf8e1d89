import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adapterHash } from '../../src/lora/index.ts';
import { type Engine, openOnnxEngine, RequestError } from '../../src/serving/index.ts';
import { openVllmEngine } from '../../src/serving/vllm/index.ts';
import { startEmulator } from '../vllm/emulator.ts';
import { ask, eventually, failureOf } from './ask.ts';

// What `Engine` promises of embeddings, on a small encoder.

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const adapterFolder = join(fixtures, 'adapters/bert/plain');
const inputs = [
  [2, 17, 30, 3],
  [2, 99, 3],
  [2, 5, 6, 7, 8, 9, 10, 3],
];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encoder-'));
  await cp(join(fixtures, 'models/bert/config.json'), join(folder, 'config.json'));
  await cp(join(fixtures, 'models/bert/legacy/model.onnx'), join(folder, 'model.onnx'));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await cp(join(fixtures, 'tokenizers/bert', file), join(folder, file));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const engines = {
  'onnxruntime in this process': () =>
    openOnnxEngine({ folder, threads: 1, rows: 2, queue: 8, maxRank: 8, providers: ['cpu'] }),
  'vLLM over HTTP': async () => {
    const vllm = await startEmulator({ folder, maxNumSeqs: 2, maxLoras: 2, maxLoraRank: 8 });
    const engine = await openVllmEngine({ url: vllm.url, folder, rows: 2, queue: 8, maxRank: 8 });
    return { ...engine, close: () => engine.close().then(vllm.close) };
  },
};

describe.each(Object.entries(engines))('%s', (_, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine?.close());

  test('embeddings have length 1, and are the same alone and together, with an adapter and without', async () => {
    const hash = await adapterHash(adapterFolder);
    await engine.load({ hash, folder: adapterFolder });
    const plain = await engine.embed({ id: 'plain', adapter: undefined, inputs });
    const adapted = await engine.embed({ id: 'adapted', adapter: hash, inputs });
    for (const vectors of [plain, adapted]) {
      expect(vectors.map((vector) => Math.hypot(...vector))).toEqual(inputs.map(() => expect.closeTo(1, 5)));
    }
    expect(adapted).not.toEqual(plain);
    const alone = await Promise.all(
      inputs.map((input, at) => engine.embed({ id: `alone ${at}`, adapter: hash, inputs: [input] })),
    );
    for (const [at, [vector]] of alone.entries()) {
      expect([...vector!]).toEqual([...adapted[at]!].map((value) => expect.closeTo(value, 5)));
    }
    await engine.unload(hash);
    expect(await failureOf(engine.embed({ id: 'gone', adapter: hash, inputs }))).toMatchObject({ param: 'model' });
  });

  test('what cannot be embedded is refused, and texts are not written', async () => {
    expect(engine.info).toMatchObject({ generates: false, embeds: true });
    const tooLong = Array.from({ length: engine.info.maxContext + 1 }, () => 5);
    for (const wrong of [[], [[]], [[2, 128]], [[2, -1]], [tooLong]]) {
      const failure = await failureOf(engine.embed({ id: 'wrong', adapter: undefined, inputs: wrong }));
      expect(failure, JSON.stringify(wrong).slice(0, 40)).toBeInstanceOf(RequestError);
      expect((failure as RequestError).param).toBe('input');
    }
    expect(await failureOf(ask(engine, { prompt: [2, 5] }))).toBeInstanceOf(RequestError);
  });

  test('an aborted request throws its reason and leaves its place', async () => {
    const reason = new Error('The client has gone');
    const asked = { id: 'aborted', adapter: undefined, inputs };
    expect(await failureOf(engine.embed(asked, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const controller = new AbortController();
    const failure = failureOf(engine.embed(asked, { signal: controller.signal }));
    controller.abort(reason);
    expect(await failure).toBe(reason);
    await eventually(() => expect(engine.status()).toMatchObject({ running: 0, waiting: 0 }));
    expect(await engine.embed(asked)).toHaveLength(3);
  });
});
