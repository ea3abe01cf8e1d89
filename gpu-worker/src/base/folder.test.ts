import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Corpus, writeCorpus } from '../corpus/index.ts';
import { evaluate, ort } from '../factory/index.ts';
import { float16ToFloat32, float32ToFloat16, tensors } from '../onnx/index.ts';
import { exampleConfig } from './example.fixture.ts';
import { exportBase, readBase } from './folder.ts';
import { begin, createGenerator, lastRows } from './generate.ts';
import { pretrain, rowsOf } from './pretrain.ts';
import { type Pretrained, readPretrained } from './pretrained.ts';
import type { Recipe } from './recipe.ts';
import { trainingModel } from './trainingModel.ts';

const document = (text: string, path: string) => ({ package: 'a', version: '1.0.0', path, text });
const sentence = 'The module exports a function that returns the value of the option. ';
const corpus: Corpus = {
  train: Array.from({ length: 12 }, (_, at) => document(`# Part ${at}\n\n${sentence.repeat(4)}`, `${at}.md`)),
  validation: [document(`# Other\n\n${sentence.repeat(2)}`, 'other.md')],
  heldOut: [],
  domains: {},
};
const config = { ...exampleConfig, vocab_size: 320 };
const recipe: Recipe = {
  config,
  sequence: 32,
  batch: 4,
  schedule: { peak: 0.02, warmup: 5, steps: 60, decay: 'cosine', floor: 0 },
  optimizer: { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.1 },
  clip: 1,
  seed: 3,
  threads: 1,
  evaluateEvery: 20,
};

let folder: string;
let pretrained: Pretrained;
const place = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-base-'));
  await writeCorpus(corpus, [], place('corpus'));
  await pretrain({ recipe, corpusFolder: place('corpus'), folder: place('whole') });
  pretrained = await readPretrained(place('whole'), config);
  await exportBase(place('base'), { config, ...pretrained });
});
afterAll(() => rm(folder, { recursive: true }));

test('what was pretrained writes on from a prompt as its text went on', async () => {
  const { model, config: read, tokenizer } = await readBase(place('base'));
  const generator = await createGenerator(model, read, { threads: 1 });
  const prompts = ['# Part 3\n\nThe module', 'The module exports a'].map((text) => tokenizer.encode(text));
  const together = await generator.generate(prompts, { limit: 12 });
  expect(tokenizer.decode([...prompts[0]!, ...together[0]!])).toContain('exports a function that returns');
  for (const [row, prompt] of prompts.entries()) {
    expect(await generator.generate([prompt], { limit: 12 })).toEqual([together[row]]);
  }
  const sample = (seed: number) => generator.generate(prompts, { limit: 12, temperature: 1.5, seed });
  expect(await sample(1)).toEqual(await sample(1));
  expect(await sample(1)).not.toEqual(await sample(2));
  await expect(generator.generate([[]], { limit: 1 })).rejects.toThrow('A prompt has at least one token');
  await generator.close();
});

test('a folder is read as it was written, each weight rounded to 16 bits, for training and for serving', async () => {
  const { config: read, model, weights } = await readBase(place('base'));
  expect(read).toEqual(config);
  for (const [name, tensor] of pretrained.weights) {
    const rounded = float16ToFloat32(float32ToFloat16(tensors.floats(tensor)));
    expect(tensors.floats(weights.get(name)!)).toEqual(rounded);
  }
  const tokenizer = (await readBase(place('base'))).tokenizer;
  const rows = rowsOf(corpus.validation, tokenizer, recipe.sequence);
  const [served, trained] = await Promise.all(
    [model, trainingModel(read, weights)].map((graph) => evaluate(graph, { rows, batch: 2, threads: 1 })),
  );
  expect(served!.perToken).toBeCloseTo(trained!.perToken, 4);
  expect(served!.perToken).toBeLessThan(3);
});

test('onnxruntime opens the file with its weights beside it, and finds the logits of the model that was read', async () => {
  const { model, config: read } = await readBase(place('base'));
  const generator = await createGenerator(model, read, { threads: 1 });
  const session = await ort.InferenceSession.create(place('base/model.onnx'));
  const prompt = [0, 70, 71];
  const { logits } = await session.run(begin(read, [prompt], prompt.length));
  const [row] = lastRows(logits!, read);
  const best = row!.indexOf(Math.max(...row!));
  const [next] = await generator.generate([prompt], { limit: 1 });
  expect(next).toEqual(best === read.eos_token_id ? [] : [best]);
  await generator.close();
  await session.release();
});

test('a pretraining that was stopped goes on to the same files, byte by byte', async () => {
  const stop = new AbortController();
  const options = { recipe, corpusFolder: place('corpus'), folder: place('stopped'), checkpointEvery: 10 };
  const { ended } = await pretrain({
    ...options,
    signal: stop.signal,
    onProgress: ({ step }) => step === 25 && stop.abort(),
  });
  expect(ended).toBe('cancelled');
  await pretrain(options);
  await exportBase(place('again'), { config, ...(await readPretrained(place('stopped'), config)) });
  const files = ['config.json', 'generation_config.json', 'model.onnx', 'model.onnx_data', 'tokenizer.json'];
  for (const file of [...files, 'tokenizer_config.json']) {
    const [again, base] = await Promise.all(['again', 'base'].map((name) => readFile(place(`${name}/${file}`))));
    expect(again!.equals(base!), file).toBe(true);
  }
});

test('the chat template puts questions and answers as plain text that ends with an answer to come', async () => {
  const { chat_template, bos_token, eos_token } = JSON.parse(
    await readFile(place('base/tokenizer_config.json'), 'utf8'),
  );
  const messages = [
    { role: 'system', content: 'About options.' },
    { role: 'user', content: 'What is exported?' },
    { role: 'assistant', content: 'A function.' },
    { role: 'user', content: 'What does it return?' },
  ];
  const text = new Template(chat_template).render({ messages, bos_token, eos_token, add_generation_prompt: true });
  expect(text).toBe(
    '<s>About options.\nQuestion: What is exported?\nAnswer: A function.</s>Question: What does it return?\nAnswer:',
  );
  const { tokenizer } = await readBase(place('base'));
  const ids = tokenizer.encode(text, { withSpecial: false });
  expect([ids[0], ids.filter((id) => id === config.eos_token_id).length]).toEqual([config.bos_token_id, 1]);
});

test('a folder that lacks something, or whose weights are not those of its config.json, is refused', async () => {
  await expect(readBase(place('nowhere'))).rejects.toThrow('config.json: ENOENT');
  await expect(readPretrained(place('nowhere'), config)).rejects.toThrow('npm run -w gpu-worker pretrain makes it');
  await expect(readPretrained(place('whole'), { ...config, hidden_size: 32 })).rejects.toThrow('of another decoder');
  const json = JSON.parse(await readFile(place('again/config.json'), 'utf8'));
  await writeFile(place('again/config.json'), JSON.stringify({ ...json, vocab_size: 321 }));
  await expect(readBase(place('again'))).rejects.toThrow('The weight model.embed_tokens.weight is float32 [320, 16]');
});
