import fc from 'fast-check';
import { expect, it } from 'vitest';
import { everywhere as beginsWord, document, indexOf, seed, settings } from './index.fixture.ts';
import { spanScores } from './spanScores.ts';
import { spansOf } from './spans.ts';

const index = indexOf([document(2, 1, 2, 3, 0, 7, 7, 8), document(3, 2, 3, 4, 5, 0), document(1, 5, 6, 9)]);

const total = (scores: readonly { readonly score: bigint }[]) => scores.reduce((sum, { score }) => sum + score, 0n);

it('are the surprise of an answer’s tokens that stand in a passage, those of two passages divided between both', () => {
  const answer = [1, 2, 3, 4, 5];
  const spans = spansOf(index, answer, { seed, settings, beginsWord });
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [1, 5],
  ]);
  const [one, two, three, four, five] = answer.map((token) => index.surprise.of(token));
  expect(spanScores(index, spans)).toEqual([
    { contributionId: 2n, score: BigInt(one! + Math.floor(two! / 2) + Math.floor(three! / 2)) },
    { contributionId: 3n, score: BigInt(Math.floor(two! / 2) + Math.floor(three! / 2) + four! + five!) },
  ]);
});

it('of the parts of an answer come to those of the whole, which are never more than its own surprise', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 30 }), fc.nat(30), (answer, cut) => {
      const spans = spansOf(index, answer, { seed, settings, beginsWord });
      const parts = [
        ...spanScores(index, spans, { from: 0, to: cut }),
        ...spanScores(index, spans, { from: cut, to: answer.length }),
      ];
      const whole = spanScores(index, spans);
      expect(total(parts)).toBe(total(whole));
      const most = answer.reduce((sum, token) => sum + index.surprise.of(token), 0);
      expect(total(whole)).toBeLessThanOrEqual(BigInt(most));
    }),
    { numRuns: 300 },
  );
});
