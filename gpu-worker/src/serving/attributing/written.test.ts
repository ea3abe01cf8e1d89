import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadTokenizer } from '../../tokenizer/index.ts';
import { layOut } from './written.ts';

const tokenizer = await loadTokenizer(fileURLToPath(new URL('../../../base', import.meta.url)));
const border = tokenizer.vocabSize;
const encode = (text: string) => [...tokenizer.encode(text, { withSpecial: false })];
const lay = (answers: { ids: number[]; text: string }[], mostParts = 8) =>
  layOut({ answers: answers.map((answer) => ({ prompt: [5], ...answer })) }, { tokenizer, border, mostParts });

const textOf = (ids: readonly number[]) => tokenizer.decode([...ids]);

test('sentences have their own tokens, which together are all of the answer', () => {
  const text = 'Bees dance for naïve 🙂 friends. They sleep at night!\nThen they wake.';
  const ids = encode(text);
  const { parts, tokens, rows, length } = lay([{ ids: [...ids, tokenizer.special.end!], text }]);
  expect(length).toBe(text.length);
  expect(tokens).toEqual(ids);
  // The token that ends the answer was generated too.
  expect(rows[0]!.ids).toEqual([...ids, tokenizer.special.end!]);
  expect(parts.map(({ from, until }) => text.slice(from, until))).toEqual([
    'Bees dance for naïve 🙂 friends. ',
    'They sleep at night!\n',
    'Then they wake.',
  ]);
  expect(parts.map(({ first, end }) => textOf(tokens.slice(first, end)).trim())).toEqual([
    'Bees dance for naïve 🙂 friends.',
    'They sleep at night!',
    'Then they wake.',
  ]);
  expect(parts.flatMap(({ first, end }) => [...tokens.slice(first, end)])).toEqual(ids);
});

test('what the client does not have, behind a stop text, is nobody’s', () => {
  const ids = encode('Bees dance. STOP and more');
  const { tokens, rows } = lay([{ ids, text: 'Bees dance. ' }]);
  expect(textOf(tokens)).toMatch(/^Bees dance\.( S\w*)?$/);
  expect(rows[0]!.ids).toEqual(tokens);
});

test('several answers lie one after another, and no passage reaches over their border', () => {
  const [a, b] = [encode('One. Two.'), encode('Three.')];
  const { tokens, parts, rows, length } = lay([
    { ids: a, text: 'One. Two.' },
    { ids: [], text: '' },
    { ids: b, text: 'Three.' },
  ]);
  expect(tokens).toEqual([...a, border, border, ...b]);
  expect(rows.map(({ offset }) => offset)).toEqual([0, a.length + 1, a.length + 2]);
  expect(length).toBe(15);
  expect(parts.map(({ from, until }) => 'One. Two.Three.'.slice(from, until))).toEqual(['One. ', 'Two.', 'Three.']);
  expect(textOf(tokens.slice(parts[2]!.first, parts[2]!.end))).toBe('Three.');
});
