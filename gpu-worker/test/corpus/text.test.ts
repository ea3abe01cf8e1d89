import { expect, test } from 'vitest';
import { clean, isReadable, paragraphsOf } from '../../scripts/corpus/clean.ts';
import { commentsOf } from '../../scripts/corpus/comments.ts';
import { createNearDuplicates } from '../../scripts/corpus/near-duplicates.ts';

test.each([
  ['an address of a person', 'Write to Jane <jane.doe@example.org> please', 'Write to Jane  please'],
  ['a token', `Use ghp_${'a1'.repeat(18)} here`, 'Use  here'],
  ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nend', 'end'],
  ['a long hash', `at 0x${'ab12'.repeat(16)}.`, 'at .'],
  ['encoded data', `url(data:image/png;base64,${'A'.repeat(200)})`, 'url()'],
  ['a badge', '[![build](https://x/y.svg)](https://x/y) Fast', 'Fast'],
  ['where a link leads', 'See [the guide](https://example.org/a(b)) now', 'See the guide now'],
  ['a comment that nobody sees', 'a<!-- b -->c', 'ac'],
])('%s is not taught to a model', (_, text, expected) => {
  expect(clean(text)).toBe(expected);
});

test('sections about licences and money are left out, what follows them is not', () => {
  const text =
    '# Tool\n\nDoes it.\n\n## License\n\nMIT\n\n### More\n\nlegal\n\n## Usage\n\n```js\na();\n\n## no heading\n```';
  expect(paragraphsOf(text)).toEqual(['# Tool', 'Does it.', '## Usage', '```js\na();\n\n## no heading\n```']);
});

test('documentation comments come with what they document, without decoration and directives', () => {
  const source = [
    '/**',
    ' * Adds two numbers.',
    ' *',
    ' * @example',
    ' *   add(1, 2)',
    ' */',
    'export function add(a: number, b: number): number {',
    '/** @internal only for us, nobody else */',
    'export const hidden = 1;',
    '/** Copyright (c) somebody, all of it */',
    '/// @notice Pays out what is due',
    '/// to everyone.',
    'function pay() external {',
  ].join('\n');
  expect(commentsOf(source)).toEqual([
    'Adds two numbers.\n\n@example\n  add(1, 2)\nfunction add(a: number, b: number): number',
    '@notice Pays out what is due\nto everyone.\nfunction pay() external',
  ]);
});

test('minified text, tables of data and other languages are not what is to be learnt', () => {
  expect(isReadable('A sentence that a person wrote, with some words in it.')).toBe(true);
  expect(isReadable(`var a=${'function(){}'.repeat(300)}`)).toBe(false);
  expect(isReadable('0x01 0x02 0x03 | 12 | 13 | 14 | 15')).toBe(false);
  expect(isReadable('Это предложение написано по-русски.')).toBe(false);
});

test('a text with a few words changed is known again, another one is not', () => {
  const isKnown = createNearDuplicates({ shingleWords: 3, threshold: 0.6 });
  const words = Array.from({ length: 100 }, (_, i) => `word${i}`);
  expect(isKnown(words.join(' '))).toBe(false);
  expect(isKnown(words.with(50, 'other').join(' '))).toBe(true);
  expect(isKnown(words.map((word) => `x${word}`).join(' '))).toBe(false);
  expect(isKnown('')).toBe(false);
});
