import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadTokenizer } from '../../tokenizer/index.ts';
import { wordBeginnings } from './words.ts';

/** A token for each piece. */
const beginnings = (...pieces: (string | number[])[]) => {
  const bytesOf = (id: number) => {
    const piece = pieces[id]!;
    return typeof piece === 'string' ? Buffer.from(piece) : Uint8Array.from(piece);
  };
  return [...wordBeginnings({ bytesOf }, [...pieces.keys()])].join('');
};

it.each<[string, (string | number[])[], string]>([
  ['at spaces and punctuation', ['The', ' qu', 'ick', ',', ' fox', '.'], '1101111'],
  ['not within a word, a number, or a letter and its accent', ['na', 'i', '\u0308ve', ' 19', '84'], '100101'],
  ['not within a character', ['caf', [0xc3], [0xa9], ' x'], '10011'],
  ['at each character where there are no spaces', ['日', '本', '語', 'ไทย', 'ไทย'], '111111'],
  ['around tokens without text', ['an', '', 'other'], '1111'],
  ['in no text', [], '1'],
])('begin %s', (_, pieces, expected) => {
  expect(beginnings(...pieces)).toBe(expected);
});

it('begin where a reader of the shipped tokenizer’s tokens would say so', async () => {
  const tokenizer = await loadTokenizer(join(import.meta.dirname, '../../../base'));
  const text = 'Uncharacteristically, she re-read "Ümläute" twice\u2026 and left.';
  const ids = tokenizer.encode(text, { withSpecial: false });
  const begins = wordBeginnings(tokenizer, ids);
  let words = 0;
  for (let place = 0; place < ids.length; place++) {
    if (begins[place] === 0) continue;
    words++;
    const before = tokenizer.decode(ids.slice(0, place));
    expect(text.startsWith(before)).toBe(true);
    expect(/\p{L}$/u.test(before) && /^\p{L}/u.test(text.slice(before.length))).toBe(false);
  }
  expect(words).toBeGreaterThanOrEqual(8);
});
