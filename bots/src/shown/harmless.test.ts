import { expect, test } from 'vitest';
import { fitting, harmless, harmlessName, harmlessQuote } from './harmless.ts';

/** Joiners as what they are. */
const seen = (words: string): string => words.replaceAll('\u2060', '·');

test.each([
  ['a mention', '@everyone @here mail@evil.example', '@·everyone @·here mail@·evil.·example'],
  ['a link', 'https://evil.example/x tg://resolve', 'https:·//evil.·example/x tg:·//resolve'],
  ['an address of numbers', 'at 203.0.113.7 and 1.5 OPEN', 'at 203.·0.113.7 and 1.5 OPEN'],
  ['a tag', '#free $MONEY #7', '#·free $·MONEY #7'],
  ['a telephone number', '+12125550123 and 1 + 1', '+·12125550123 and 1 + 1'],
  ['another reading direction', 'pay \u202Eeno on\u202C one \u2066x\u2069', 'pay eno on one x'],
  ['what draws nothing', 'a\u200Bb\u3164c\u2800d\u115Fe\u0000f\uFEFFg', 'abcdefg'],
  ['a line end of another kind', 'a\r\nb\u2028c\u0085d\re', 'a\nb\nc\nd\ne'],
  ['a tower of marks', `a${'\u0301'.repeat(50)}b`, `a${'\u0301'.repeat(3)}b`],
  ['half a character', 'a\uD800b', 'a\uFFFDb'],
])('%s is left as words', (_, words, expected) => {
  expect(seen(harmless(words))).toBe(expected);
});

test('scripts and pictures that need joiners keep them', () => {
  for (const words of ['می\u200Cخواهم', 'क्\u200Dष', '👩\u200D💻', '❤\uFE0F\u200D🔥', '👍🏽']) {
    expect(harmless(words)).toBe(words);
  }
});

test('a name stays on its line, and no command in it can be touched', () => {
  expect(seen(harmlessName('Bees\n\n/unlink me\u2028Official: pay /here and/or 1/2'))).toBe(
    'Bees /·unlink me Official: pay /·here and/or 1/2',
  );
  expect(harmlessName('/x '.repeat(300), 80).length).toBe(80);
  expect(seen(harmlessQuote('one\n/forget'))).toBe('one\n/·forget');
});

test('what is cut is never half a character', () => {
  expect(fitting('ab😀😀', 4)).toBe('ab…');
  expect(fitting('abcd', 4)).toBe('abcd');
});
