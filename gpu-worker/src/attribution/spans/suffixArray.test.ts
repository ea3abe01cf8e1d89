import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import { suffixArray } from './suffixArray.ts';

const naive = (text: readonly number[]): number[] => {
  const compare = (a: number, b: number): number => {
    for (let at = 0; ; at++) {
      if (a + at >= text.length) return -1;
      if (b + at >= text.length) return 1;
      if (text[a + at] !== text[b + at]) return text[a + at]! - text[b + at]!;
    }
  };
  return [...text.keys()].sort((a, b) => (a === b ? 0 : compare(a, b)));
};

const ofText = (text: readonly number[], alphabet: number) => [...suffixArray(Uint32Array.from(text), alphabet)];

it('sorts the suffixes of any text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(4), { maxLength: 60 }), (alphabet, numbers) => {
      const text = numbers.map((number) => number % alphabet);
      expect(ofText(text, alphabet)).toEqual(naive(text));
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['one number again and again', (at: number) => at * 0],
  ['two in turn', (at: number) => at % 2],
  ['rising', (at: number) => at],
  ['falling', (at: number) => 799 - at],
  ['periods within periods', (at: number) => (at % 7) + (at % 49 === 0 ? 5 : 0) + (at % 343 === 0 ? 3 : 0)],
  [
    'Fibonacci words',
    (at: number) => Number(Math.floor((at + 2) / 1.618033988749895) - Math.floor((at + 1) / 1.618033988749895) === 1),
  ],
])('sorts texts that are made to be hard: %s', (_, make) => {
  const text = Array.from({ length: 800 }, (_, at) => make(at));
  expect(ofText(text, 800)).toEqual(naive(text));
});

it('sorts a text of a real vocabulary with long repeats', () => {
  const random = createRandom(7);
  const passage = Array.from({ length: 400 }, () => random.below(4_096));
  const text = Array.from({ length: 5 }, (_, copy) => [...passage, 4_096, ...passage.slice(copy * 50), 4_096]).flat();
  expect(ofText(text, 4_097)).toEqual(naive(text));
});
