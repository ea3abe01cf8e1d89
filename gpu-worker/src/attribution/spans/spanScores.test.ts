import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chanceOf } from './chance.ts';
import { everywhere as beginsWord, document, indexOf, seed, settings } from './index.fixture.ts';
import { spanScores } from './spanScores.ts';
import { spansOf } from './spans.ts';

const index = indexOf([
  document(2, 1, 2, 3, 0, 7, 7, 8),
  document(3, 2, 3, 4, 5, 6, 0),
  document(1, 5, 6, 9),
  document(9, ...Array.from({ length: 50 }, (_, at) => 100 + at)),
]);

const total = (scores: readonly { readonly score: bigint }[]) => scores.reduce((sum, { score }) => sum + score, 0n);

it('are what spans say above chance, tokens of two spans divided between both', () => {
  const answer = [1, 2, 3, 4, 5];
  const spans = spansOf(index, answer, { seed, settings, beginsWord });
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [1, 5],
  ]);
  const surprise = answer.map((token) => index.surprise.of(token));
  const chance = chanceOf(index, 5);
  const expected = ({ from, to }: { from: number; to: number }) => {
    const own = surprise.slice(from, to).reduce((sum, one) => sum + one, 0);
    return surprise.slice(from, to).reduce((sum, one, at) => {
      const part = Math.floor(one / (from + at === 1 || from + at === 2 ? 2 : 1));
      return sum + (BigInt(part) * BigInt(own - chance)) / BigInt(own);
    }, 0n);
  };
  expect(spanScores(index, spans, { answerTokens: 5 })).toEqual([
    { contributionId: 2n, score: expected({ from: 0, to: 3 }) },
    { contributionId: 3n, score: expected({ from: 1, to: 5 }) },
  ]);
});

it('of the parts of an answer come to those of the whole, which are never more than its own surprise', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 30 }), fc.nat(30), (answer, cut) => {
      const spans = spansOf(index, answer, { seed, settings, beginsWord });
      const parts = [
        ...spanScores(index, spans, { answerTokens: answer.length, within: { from: 0, to: cut } }),
        ...spanScores(index, spans, { answerTokens: answer.length, within: { from: cut, to: answer.length } }),
      ];
      const whole = spanScores(index, spans, { answerTokens: answer.length });
      expect(total(parts)).toBe(total(whole));
      const most = answer.reduce((sum, token) => sum + index.surprise.of(token), 0);
      expect(total(whole)).toBeLessThanOrEqual(BigInt(most));
    }),
    { numRuns: 300 },
  );
});
