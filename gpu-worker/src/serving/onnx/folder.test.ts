import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readModelFolder } from './folder.ts';
import { findOnnxFile } from './onnxFile.ts';

const base = fileURLToPath(new URL('../../../base/', import.meta.url));
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 100,
  max_position_embeddings: 64,
};
let folder: string;

/** Writes a folder that is whole but for what a test is about: names of files, and what they hold. */
const write = async (files: Readonly<Record<string, unknown>>) => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
};
const read = async () => {
  const { tokenizer, ...rest } = await readModelFolder(folder);
  return rest;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-'));
  await cp(join(base, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  await write({ 'config.json': config });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the shipped base says all that there is to say', async () => {
  const { tokenizer, chatTemplate, ...rest } = await readModelFolder(base);
  expect(tokenizer.decode(tokenizer.encode('# Install', { withSpecial: false }))).toBe('# Install');
  expect(chatTemplate).toContain('Question: ');
  expect(rest).toEqual({
    folder: base,
    kind: 'decoder',
    architecture: 'LlamaForCausalLM',
    vocabSize: 4_096,
    capacity: 512,
    beginToken: 0,
    endTokens: new Set([1]),
    sampling: {},
  });
});

test('what generation_config.json says goes before the rest; a model may end with several tokens', async () => {
  await write({
    'config.json': { ...config, bos_token_id: 1, eos_token_id: 2 },
    'generation_config.json': {
      eos_token_id: [7, 8],
      temperature: 0.6,
      top_p: 0.9,
      top_k: 20,
      repetition_penalty: 1.1,
    },
  });
  expect(await read()).toMatchObject({
    beginToken: 1,
    endTokens: new Set([7, 8]),
    sampling: { temperature: 0.6, topP: 0.9, topK: 20, repetitionPenalty: 1.1 },
  });
  await rm(join(folder, 'generation_config.json'));
  expect(await read()).toMatchObject({ endTokens: new Set([2]), sampling: {} });
});

test.each([
  ['GPT-2 says it in its own way', { n_positions: 1_024, max_position_embeddings: null }, 1_024],
  ['a window that attention sees is all that there is', { sliding_window: 32 }, 32],
  ['a window that is off is none', { sliding_window: 32, use_sliding_window: false }, 64],
  ['RoBERTa counts positions from behind its padding token', { model_type: 'roberta', pad_token_id: 1 }, 62],
])('how long texts may be: %s', async (_, said, capacity) => {
  await write({ 'config.json': { ...config, ...said } });
  expect(await read()).toMatchObject({ capacity });
});

test.each([
  ['BertModel', 'bert', 'encoder'],
  ['BertForMaskedLM', 'bert', 'encoder'],
  ['GPT2LMHeadModel', 'gpt2', 'decoder'],
  ['Qwen2ForCausalLM', 'qwen2', 'decoder'],
])('a %s is told apart', async (architecture, model_type, kind) => {
  await write({ 'config.json': { ...config, architectures: [architecture], model_type } });
  expect(await read()).toMatchObject({ kind, architecture });
});

test('a chat template is found wherever transformers puts it', async () => {
  expect(await read()).toMatchObject({ chatTemplate: undefined });
  const named = [
    { name: 'tool_use', template: 'tools' },
    { name: 'default', template: 'named' },
  ];
  await write({ 'chat_template.json': { chat_template: 'json' } });
  expect(await read()).toMatchObject({ chatTemplate: 'json' });
  await write({ 'tokenizer_config.json': { chat_template: named } });
  expect(await read()).toMatchObject({ chatTemplate: 'named' });
  await write({ 'chat_template.jinja': 'plain' });
  expect(await read()).toMatchObject({ chatTemplate: 'plain' });
});

test('the ONNX file is found, or named by the caller', async () => {
  const find = () => findOnnxFile(folder);
  await expect(find()).rejects.toThrow('has neither model.onnx nor onnx/model.onnx, and no ONNX file');
  await write({ 'onnx/model_fp16.onnx': '' });
  expect(await find()).toBe(join(folder, 'onnx/model_fp16.onnx'));
  await write({ 'onnx/model_q4.onnx': '' });
  await expect(find()).rejects.toThrow('several ONNX files');
  const named = join(folder, 'onnx/model_q4.onnx');
  expect(await findOnnxFile(named)).toBe(named);
  expect(await readModelFolder(named)).toMatchObject({ folder });
  await write({ 'onnx/model.onnx': '' });
  expect(await find()).toBe(join(folder, 'onnx/model.onnx'));
  await expect(findOnnxFile(join(folder, 'none.onnx'))).rejects.toThrow('There is no file');
});

test.each([
  ['no config.json', { 'config.json': undefined }, 'has no config.json'],
  ['no JSON', { 'config.json': '{' }, 'config.json is no JSON'],
  ['a vocabulary that is no number', { 'config.json': { ...config, vocab_size: '9' } }, 'config.json: vocab_size: '],
  ['no length', { 'config.json': { ...config, max_position_embeddings: null } }, 'no max_position_embeddings'],
  ['a file that is too large', { 'generation_config.json': ' '.repeat(2 ** 20 + 1) }, 'at most 1048576 are read'],
  ['a temperature below 0', { 'generation_config.json': { temperature: -1 } }, 'generation_config.json: temperature: '],
])('%s is refused by what is wrong', async (_, files, message) => {
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) await rm(join(folder, name));
    else await write({ [name]: content });
  }
  await expect(read()).rejects.toThrow(message);
});
