import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession, ort } from '../factory/index.ts';
import { modulesOf } from '../lora/index.ts';
import { checkModel, inferShapes, tensors } from '../onnx/index.ts';
import { configJson, readConfig } from './config.ts';
import { exampleConfig as config, readReference, references, referenceWeights } from './example.fixture.ts';
import { begin, goOn } from './generate.ts';
import { servingModel } from './servingModel.ts';
import { trainingModel } from './trainingModel.ts';
import type { Weights } from './weights.ts';

let weights: Weights;
let [training, serving] = [] as unknown as [InferenceSession, InferenceSession];
const rows: number[][] = [];
let expected: Float32Array[] = [];

const size = config.vocab_size;
const length = 12;
const padding = 5;

beforeAll(async () => {
  weights = await referenceWeights();
  training = await openSession(trainingModel(config, weights), { threads: 1 });
  serving = await openSession(servingModel(config, weights), { threads: 1 });
  const reference = await readReference();
  const ids = tensors.integers({ type: 'int64', ...reference.get('input_ids')! });
  rows.push(ids.slice(0, length), ids.slice(length + padding));
  const logits = tensors.floats({ type: 'float32', ...reference.get('logits')! });
  expected = [logits.slice(0, length * size), logits.slice((length + padding) * size)];
});
afterAll(() => Promise.all([training.release(), serving.release()]));

/** The largest difference, as a part of the largest value. */
const difference = (found: Float32Array, wanted: Float32Array): number => {
  expect(found.length).toBe(wanted.length);
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return found.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at]!)), 0) / scale;
};

const logitsOf = async (session: InferenceSession, feeds: Record<string, Tensor>): Promise<Float32Array> =>
  (await session.run(feeds)).logits!.data as Float32Array;

test('the graph that is trained computes what transformers computes from the same weights and config.json', async () => {
  for (const [row, ids] of rows.entries()) {
    const feeds = { input_ids: new ort.Tensor('int64', BigInt64Array.from(ids.map(BigInt)), [1, ids.length]) };
    expect(difference(await logitsOf(training, feeds), expected[row]!)).toBeLessThan(1e-5);
  }
});

test('the graph that is served does too, and a row padded to the left gives what it gives alone', async () => {
  const together = await logitsOf(serving, begin(config, rows, length));
  expect(difference(together.slice(0, length * size), expected[0]!)).toBeLessThan(1e-5);
  expect(difference(together.slice((length + padding) * size), expected[1]!)).toBeLessThan(1e-5);
  const alone = await logitsOf(serving, begin(config, [rows[1]!], length - padding));
  expect(difference(alone, expected[1]!)).toBeLessThan(1e-5);
  expect(together.every(Number.isFinite)).toBe(true);
});

test('token by token with the cache gives what the whole rows give at once', async () => {
  const first = 3;
  let feeds = begin(
    config,
    rows.map((ids, row) => ids.slice(0, row === 0 ? first + padding : first)),
    first + padding,
  );
  let results = await serving.run(feeds);
  for (let at = first; at < length - padding; at++) {
    const next = rows.map((ids, row) => ids[row === 0 ? at + padding : at]!);
    feeds = goOn(config, feeds, results, next);
    results = await serving.run(feeds);
    const logits = results.logits!.data as Float32Array;
    for (const row of [0, 1]) {
      const position = row === 0 ? at + padding : at;
      const wanted = expected[row]!.slice(position * size, (position + 1) * size);
      expect(difference(logits.slice(row * size, (row + 1) * size), wanted)).toBeLessThan(1e-5);
    }
  }
  expect(results['present.1.value']!.dims).toEqual([2, 2, length, 8]);
});

test('both graphs pass the checks for what is read, and every module can be adapted under its PEFT name', () => {
  const perLayer = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => `self_attn.${name}`);
  const all = [...perLayer, 'mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'];
  const names = [0, 1].flatMap((layer) => all.map((name) => `model.layers.${layer}.${name}`));
  for (const model of [trainingModel(config, weights), servingModel(config, weights)]) {
    checkModel(model);
    const found = modulesOf(inferShapes(model)).map(({ name }) => name);
    expect(found.sort()).toEqual([...names, 'lm_head'].sort());
  }
});

test('config.json is the one that transformers read, and one of another kind of model is refused by name', async () => {
  const json = JSON.parse(await readFile(join(references, 'config.json'), 'utf8'));
  expect(json).toEqual(configJson(config));
  expect(readConfig(json)).toEqual(config);
  expect(() => readConfig({ ...json, num_key_value_heads: 1 })).toThrow(
    'config.json: num_key_value_heads is 1; decoders that are built here have 2',
  );
  expect(() => readConfig({ ...json, hidden_act: 'gelu' })).toThrow('hidden_act is gelu');
  expect(() => readConfig({ ...json, hidden_size: 18 })).toThrow('2 heads share 18 values: each needs an even number');
  expect(() => readConfig({ ...json, vocab_size: 1e9 })).toThrow('vocab_size');
});

test('weights of another shape are refused before a graph is built with them', () => {
  const name = 'model.layers.1.mlp.up_proj.weight';
  const missing = new Map([...weights].filter(([key]) => key !== name));
  expect(() => trainingModel(config, missing)).toThrow(
    `The weight ${name} is missing; the configuration wants float32`,
  );
  const turned = new Map(weights).set(name, { ...weights.get(name)!, dims: [24, 16] });
  expect(() => servingModel(config, turned)).toThrow('is float32 [24, 16]; the configuration wants float32 [16, 24]');
});
