import { expect, test } from 'vitest';
import {
  type Architecture,
  adapterFolder,
  type Feeds,
  floatsOf,
  modelPath,
  referenceOf,
  relativeDifference,
  tensorOf,
} from '../../../../test/reference.ts';
import { openSession } from '../../../factory/index.ts';
import { graft, modulesOf, packBank, readAdapter } from '../../../lora/index.ts';
import { f32, i64, run } from '../../../lora/testing.ts';
import { addOutputs, inferShapes, readModelFile } from '../../../onnx/index.ts';
import { layOut } from '../layout.ts';
import { type Encoder, openEncoder } from './index.ts';

// Real exports of transformers' models, and the hidden states that PyTorch gives for them.

const [rows, longest, width] = [4, 12, 32];

const open = async (architecture: Architecture, exporter: string, batchTokens?: number): Promise<Encoder> =>
  openEncoder({
    model: await readModelFile(modelPath(architecture, exporter)),
    ...{ capacity: 64, vocabSize: 128, rank: 8 },
    open: (model) => openSession(model, { threads: 1 }),
    ...(batchTokens !== undefined && { batchTokens }),
  });

const mask = Array.from(tensorOf(referenceOf('bert'), 'attention_mask').data as BigInt64Array, Number);

const textsOf = (architecture: Architecture): readonly (readonly number[])[] => {
  const ids = Array.from(tensorOf(referenceOf(architecture), 'input_ids').data as BigInt64Array, Number);
  return Array.from({ length: rows }, (_, row) =>
    ids.slice(row * longest, (row + 1) * longest).filter((_, at) => mask[row * longest + at] === 1),
  );
};

/** `[rows, longest, width]` → the mean over the tokens that are no padding, of length 1. */
const meansOf = (hidden: Float32Array): readonly Float32Array[] =>
  Array.from({ length: rows }, (_, row) => {
    const sums = new Float32Array(width);
    for (let at = 0; at < longest; at++) {
      if (mask[row * longest + at] !== 1) continue;
      for (let i = 0; i < width; i++) sums[i]! += hidden[(row * longest + at) * width + i]!;
    }
    const length = Math.hypot(...sums);
    return sums.map((sum) => sum / length);
  });

const largestDifference = (actual: readonly Float32Array[], expected: readonly Float32Array[]): number =>
  Math.max(...actual.map((vector, row) => Math.max(...vector.map((value, i) => Math.abs(value - expected[row]![i]!)))));

type Exporter = 'features' | 'legacy' | 'dynamo';
const exporters: readonly Exporter[] = ['features', 'legacy', 'dynamo'];

/** Hidden states by a plain run of the padded batch, with an adapter or without. */
const hiddenOf = async (feeds: Feeds, name?: string): Promise<Float32Array> => {
  const full = inferShapes(await readModelFile(modelPath('bert', 'legacy')));
  const [output] = full.graph.nodes.find((node) => node.name.includes('predictions/transform/dense/MatMul'))!.inputs;
  const model = { ...full, graph: addOutputs(full.graph, [output!]) };
  if (name === undefined) return run(model, feeds, output!);
  const served = graft(model, { kind: 'bank', targets: modulesOf(model).map((module) => module.name), rank: 8 });
  const bank = packBank(served, [await readAdapter(adapterFolder('bert', name))]);
  const adapter = Object.fromEntries([...bank.feeds].map(([input, { data, dims }]) => [input, f32(dims, data)]));
  return run(served.model, { ...feeds, ...adapter, slot: i64([1, 1, 1, 1]) }, output!);
};

const reference = referenceOf('bert');
const given = { input_ids: tensorOf(reference, 'input_ids'), attention_mask: tensorOf(reference, 'attention_mask') };
/** The reference has two sentences in each row; texts here are of one. */
const oneSentence: Feeds = { ...given, token_type_ids: i64(Array(rows * longest).fill(0), [rows, longest]) };

test('the plain run that the encoder is compared with gives the hidden states of transformers', async () => {
  const hidden = await hiddenOf({ ...given, token_type_ids: tensorOf(reference, 'token_type_ids') });
  const isToken = (index: number) => mask[Math.floor(index / width)] === 1;
  expect(relativeDifference(hidden, floatsOf(reference, 'last_hidden_state'), isToken)).toBeLessThan(1e-5);
});

test.each(exporters)('BERT by the %s exporter gives the means of its hidden states', async (exporter) => {
  const encoder = await open('bert', exporter);
  const vectors = await encoder.embed(textsOf('bert'));
  expect(largestDifference(vectors, meansOf(await hiddenOf(oneSentence)))).toBeLessThan(1e-5);
  await encoder.close();
});

test.each(exporters)('BERT by the %s exporter takes adapters, one after another', async (exporter) => {
  const encoder = await open('bert', exporter);
  const texts = textsOf('bert');
  const plain = await encoder.embed(texts);
  for (const name of ['plain', 'patterns']) {
    const adapter = layOut(await readAdapter(adapterFolder('bert', name)), encoder.layout);
    const vectors = await encoder.embed(texts, { adapter });
    expect(largestDifference(vectors, meansOf(await hiddenOf(oneSentence, name))), name).toBeLessThan(1e-5);
    expect(largestDifference(vectors, plain)).toBeGreaterThan(1e-3);
  }
  expect(await encoder.embed(texts)).toEqual(plain);
  await encoder.close();
});

test.each([
  'gpt2',
  'llama',
  'qwen2',
] as const)('the hidden states of %s are found before its head, by all exporters', async (architecture) => {
  const texts = textsOf(architecture);
  const [first, ...others] = await Promise.all(
    ['past', 'legacy', 'dynamo'].map(async (exporter) => {
      const encoder = await open(architecture, exporter);
      const vectors = await encoder.embed(texts);
      await encoder.close();
      return vectors;
    }),
  );
  for (const vector of first!) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  for (const other of others) expect(largestDifference(other, first!)).toBeLessThan(1e-5);
});

test('a text gives the same vector alone, among others, and in batches of any size', async () => {
  const texts = [...textsOf('bert'), ...textsOf('llama'), ...textsOf('gpt2')];
  const encoder = await open('bert', 'features');
  const together = await encoder.embed(texts);
  for (const [index, text] of texts.entries()) expect(await encoder.embed([text])).toEqual([together[index]]);
  const small = await open('bert', 'features', 20);
  expect(await small.embed(texts)).toEqual(together);
  await Promise.all([encoder.close(), small.close()]);
});

test('what cannot be embedded is refused by its place', async () => {
  const encoder = await open('bert', 'features');
  await expect(encoder.embed([[1], []])).rejects.toThrow('Text 1 is empty; it needs at least one token');
  await expect(encoder.embed([Array(65).fill(1)])).rejects.toThrow('Text 0 has 65 tokens; the model takes 64');
  await expect(encoder.embed([[128]])).rejects.toThrow('Text 0 has a token 128; there are the tokens 0 to 127');
  await expect(encoder.embed([[1]], { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
  await encoder.close();
});
