import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sentencesOf } from './sentences.ts';

const cut = (text: string, most = 100) => sentencesOf(text, most).map(({ from, until }) => text.slice(from, until));

test('an answer is cut after its sentences, and lines end sentences too', () => {
  expect(cut('It is 3.5 MB. Install it first!\n\n```sh\nnpm i\n```')).toEqual([
    'It is 3.5 MB. ',
    'Install it first!\n\n',
    '```sh\n',
    'npm i\n',
    '```',
  ]);
  expect(cut('no end')).toEqual(['no end']);
  expect(cut('')).toEqual([]);
});

test('property: sentences cover the text without gaps, and are never more than asked for', () => {
  const words = fc.array(fc.constantFrom('bee', 'é', '🙂', '.', '!', '\n', ' ', '  ', '3.5'), { maxLength: 60 });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 6 }), (list, most) => {
      const text = list.join('');
      expect(cut(text, most).join('')).toBe(text);
      expect(cut(text, most).length).toBeLessThanOrEqual(most);
    }),
  );
});
