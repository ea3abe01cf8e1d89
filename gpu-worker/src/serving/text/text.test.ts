import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadTokenizer } from '../../tokenizer/index.ts';
import { createAnswerText } from './answerText.ts';
import { createStopTexts } from './stopTexts.ts';

const tokenizer = await loadTokenizer(fileURLToPath(new URL('../../../base', import.meta.url)));

const through = (stop: readonly string[], pieces: readonly string[]) => {
  const stops = createStopTexts(stop);
  const given: string[] = [];
  for (const piece of pieces) {
    const { text, isStopped } = stops.push(piece);
    given.push(text);
    if (isStopped) return { given, isStopped };
  }
  return { given: [...given, stops.end()], isStopped: false };
};

test('an answer ends before its stop text, wherever the pieces are cut', () => {
  expect(through(['</answer>'], ['It is 4.</', 'ans', 'wer> and'])).toEqual({
    given: ['It is 4.', '', ''],
    isStopped: true,
  });
  // What only looked like one comes after all.
  expect(through(['</answer>'], ['a </ans', 'um> b'])).toEqual({ given: ['a ', '</ansum> b', ''], isStopped: false });
  expect(through(['aab'], ['aa', 'ab'])).toEqual({ given: ['', 'a'], isStopped: true });
});

test('the stop text that is complete first counts, whatever the order and the pieces', () => {
  expect(through(['abcd', 'bc'], ['xabcd'])).toEqual({ given: ['xa'], isStopped: true });
  expect(through(['bc', 'abc'], ['xab', 'cd'])).toEqual({ given: ['x', ''], isStopped: true });
});

test('property: pieces do not matter, and nothing of a stop text is ever given', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), maxLength: 24 });
  const stop = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), minLength: 1, maxLength: 4 }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(letters, stop, fc.array(fc.nat(5)), (text, stops, cuts) => {
      const characters = [...text];
      const pieces: string[] = [];
      for (const cut of cuts) pieces.push(characters.splice(0, cut).join(''));
      pieces.push(characters.join(''));
      const whole = through(stops, [...text]);
      const cutUp = through(stops, pieces);
      expect(cutUp.given.join('')).toBe(whole.given.join(''));
      expect(cutUp.isStopped).toBe(whole.isStopped);
      expect(stops.some((each) => whole.given.join('').includes(each))).toBe(false);
      expect(whole.isStopped).toBe(stops.some((each) => text.includes(each)));
    }),
  );
});

test('an answer is never given half a character, and special tokens add nothing', () => {
  const text = 'naïve 🙂 end';
  const ids = tokenizer.encode(text, { withSpecial: false });
  const answer = createAnswerText(tokenizer, []);
  const pieces = [...ids, tokenizer.special.end!].map((id) => answer.push(id).text);
  expect(pieces.join('') + answer.end().text).toBe(text);
  expect(pieces.every((piece) => piece.isWellFormed() && !piece.includes('\ufffd'))).toBe(true);
});

test('the bytes of the tokens are the bytes of the text', () => {
  const text = 'naïve 🙂 end';
  const ids = [...tokenizer.encode(text), tokenizer.special.end!];
  expect(Buffer.concat(ids.map((id) => tokenizer.bytesOf(id))).toString()).toBe(text);
});
