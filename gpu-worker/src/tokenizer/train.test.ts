import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  loadTokenizer,
  type Tokenizer,
  TokenizerError,
  type TokenizerFiles,
  trainBpe,
  writeTokenizer,
} from './index.ts';
import reference from './references/trained.json' with { type: 'json' };

const written = async (files: TokenizerFiles): Promise<Tokenizer> => {
  const folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  try {
    await writeTokenizer(files, folder);
    return await loadTokenizer(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};
const { texts, specialTokens, vocabSize } = reference;

test("learns what Hugging Face's trainer learns: the same tokens, ids and merges, ties included", () => {
  const { model } = trainBpe(texts, { vocabSize, specialTokens }).tokenizer as { model: Record<string, unknown> };
  expect(model.vocab).toEqual(reference.vocab);
  expect(model.merges).toEqual(reference.merges);
});

test("encodes as Hugging Face's tokenizers does, white space and rare characters included", async () => {
  const tokenizer = await written(trainBpe(texts, { vocabSize, specialTokens }));
  expect(reference.encoded.map(({ text }) => ({ text, ids: tokenizer.encode(text) }))).toEqual(reference.encoded);
});

test('the order of the texts does not matter, so a corpus read in another order gives the same tokenizer', () => {
  const options = { vocabSize, specialTokens, beginToken: '<s>', endToken: '</s>' };
  expect(trainBpe(texts.toReversed(), options)).toEqual(trainBpe(texts, options));
});

test('a model finds its special tokens and context length', async () => {
  const files = trainBpe(texts, {
    vocabSize: 300,
    specialTokens: ['<s>', '</s>', '<pad>'],
    beginToken: '<s>',
    endToken: '</s>',
    padToken: '<pad>',
    contextLength: 512,
  });
  const tokenizer = await written(files);
  expect(tokenizer.special).toEqual({ begin: 0, end: 1, pad: 2 });
  expect(tokenizer.vocabSize).toBe(300);
  expect(tokenizer.encode('a')).toEqual([0, ...tokenizer.encode('a', { withSpecial: false })]);
  expect(files.config.model_max_length).toBe(512);
});

test('text in which no pair stands twice makes a smaller vocabulary, not tokens of chance', () => {
  const { model } = trainBpe(['abcdefg'], { vocabSize: 400, specialTokens: [] }).tokenizer as {
    model: { merges: unknown[] };
  };
  expect(model.merges).toEqual([]);
});

test.each([
  [{ vocabSize: 256, specialTokens: ['<s>'] }, /vocabSize is 256; .* it is 257/],
  [{ vocabSize: 300, specialTokens: ['<s>', '<s>'] }, /different from each other/],
  [{ vocabSize: 300, specialTokens: ['<s>'], endToken: '</s>' }, /endToken is <\/s>, which is not among/],
])('a tokenizer that could not work is refused: %j', (options, message) => {
  expect(() => trainBpe(['text'], options)).toThrow(TokenizerError);
  expect(() => trainBpe(['text'], options)).toThrow(message);
});
