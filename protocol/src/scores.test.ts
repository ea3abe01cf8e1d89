import fc from 'fast-check';
import { expect, test } from 'vitest';
import { score } from '../test/arbitraries.ts';
import { medianScore, oneScore } from './scores.ts';

const scores = fc.array(score, { minLength: 1, maxLength: 30 });

test('no minority of validators moves a score outside what the others gave', () => {
  fc.assert(
    fc.property(scores, fc.array(score, { maxLength: 29 }), (honest, hostile) => {
      fc.pre(hostile.length < honest.length);
      const median = medianScore([...honest, ...hostile]);
      const [low, high] = [honest.reduce((a, b) => (a < b ? a : b)), honest.reduce((a, b) => (a > b ? a : b))];
      expect(median >= low && median <= high).toBe(true);
    }),
  );
});

test('the order of reveals does not change a score', () => {
  const shuffled = scores.chain((some) =>
    fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
  );
  fc.assert(
    fc.property(shuffled, ([some, other]) => {
      expect(medianScore(some)).toBe(medianScore(other));
    }),
  );
});

test('the mean of two middle scores is rounded down', () => {
  expect(medianScore([3n, 8n])).toBe(5n);
  expect(medianScore([9n, 1n, 4n])).toBe(4n);
});

test('no score, and a score above one, are refused', () => {
  expect(() => medianScore([])).toThrow('A median needs at least one score; there is none.');
  expect(() => medianScore([oneScore + 1n])).toThrow(
    'A score of 1000000000000000001 lies outside 0 to 1000000000000000000.',
  );
});
