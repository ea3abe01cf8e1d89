import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadTokenizer } from '../src/tokenizer/index.ts';
import { fixtures } from './reference.ts';

type Encoding = {
  readonly text: string;
  readonly ids: readonly number[];
  readonly without_special: readonly number[];
  readonly decoded: string;
};

test.each([
  'gpt2',
  'llama3',
  'bert',
])("texts have the ids of Hugging Face's own library, in the manner of %s", async (name) => {
  const folder = `${fixtures}tokenizers/${name}`;
  const tokenizer = await loadTokenizer(folder);
  const encodings: readonly Encoding[] = JSON.parse(readFileSync(`${folder}/encodings.json`, 'utf8'));
  const own = encodings.map(({ text, without_special }) => ({
    text,
    ids: tokenizer.encode(text),
    without_special: tokenizer.encode(text, { withSpecial: false }),
    decoded: tokenizer.decode(without_special, { withSpecial: true }),
  }));
  expect(own).toEqual(
    encodings.map(({ text, ids, without_special, decoded }) => ({ text, ids, without_special, decoded })),
  );
});
