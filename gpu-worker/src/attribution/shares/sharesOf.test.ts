import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KindScores, Scores } from './scores.ts';
import { accountOf, algorithms, contributions, hashOf, kindScores, uncapped } from './shares.fixture.ts';
import { type Contribution, type Share, sharesOf } from './sharesOf.ts';

const answerTokens = fc.integer({ min: 0, max: 1_000 });
const million = 1_000_000;

const sumOf = (shares: readonly Share[]): number => shares.reduce((sum, { ppm }) => sum + ppm, 0);
const byAccount = (shares: readonly Share[], of: ReadonlyMap<bigint, Contribution> = contributions) =>
  Map.groupBy(shares, ({ contributionId }) => of.get(contributionId)!.contributor);

test('every share is somebody’s who has evidence, all with the unattributed rest are the whole, and no cap is passed by a millionth', () => {
  fc.assert(
    fc.property(kindScores, algorithms, answerTokens, (scores, algorithm, tokens) => {
      const { shares, unattributedPpm } = sharesOf(scores, { algorithm, answerTokens: tokens, contributions });
      expect(sumOf(shares) + unattributedPpm).toBe(million);
      expect(unattributedPpm).toBeGreaterThanOrEqual(0);
      expect(shares.length).toBeLessThanOrEqual(algorithm.mostContributions);
      expect(shares.map(({ contributionId }) => contributionId)).toEqual(
        [...new Set(shares.map(({ contributionId }) => contributionId))].sort((a, b) => Number(a - b)),
      );
      for (const { contributionId, ppm } of shares) {
        expect(Object.values(scores).some((of) => of?.has(contributionId))).toBe(true);
        expect(ppm).toBeGreaterThan(0);
        expect(ppm).toBeLessThanOrEqual(algorithm.caps.contribution);
      }
      for (const own of byAccount(shares).values()) expect(sumOf(own)).toBeLessThanOrEqual(algorithm.caps.account);
    }),
    { numRuns: 1_000 },
  );
});

test('the order in which evidence comes changes nothing', () => {
  const turned = (scores: KindScores): KindScores =>
    Object.fromEntries(
      Object.entries(scores)
        .reverse()
        .map(([kind, of]) => [kind, new Map([...of].reverse())]),
    );
  fc.assert(
    fc.property(kindScores, algorithms, answerTokens, (scores, algorithm, tokens) => {
      const options = { algorithm, answerTokens: tokens };
      const known = new Map([...contributions].reverse());
      expect(sharesOf(turned(scores), { ...options, contributions: known })).toEqual(
        sharesOf(scores, { ...options, contributions }),
      );
    }),
  );
});

test('a score that is greater never gets its contribution less, where no cap is reached', () => {
  fc.assert(
    fc.property(kindScores, answerTokens, fc.bigInt({ min: 1n, max: 12n }), (scores, tokens, id) => {
      const options = { algorithm: uncapped, answerTokens: tokens, contributions };
      const more = Object.fromEntries(
        Object.entries(scores).map(([kind, of]) => [kind, new Map(of).set(id, 2n * (of.get(id) ?? 0n) + 1n)]),
      );
      const of = (said: KindScores) =>
        sharesOf(said, options).shares.find((share) => share.contributionId === id)?.ppm ?? 0;
      // Rounding may move a millionth.
      expect(of(more)).toBeGreaterThanOrEqual(of(scores) - 1);
    }),
  );
});

test('dividing a contribution, among contributions or accounts, pays no more than a millionth for each part', () => {
  // Contribution 1 becomes 101, 102, …, of its own account or of others.
  const parts = fc.array(fc.record({ part: fc.integer({ min: 1, max: 100 }), isOther: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(kindScores, answerTokens, parts, (scores, tokens, into) => {
      const weights = into.reduce((sum, { part }) => sum + part, 0);
      const divided = (of: Scores): Scores => {
        const whole = of.get(1n) ?? 0n;
        let rest = whole;
        const pieces = into.map(({ part }, at): [bigint, bigint] => {
          const piece = at === into.length - 1 ? rest : (whole * BigInt(part)) / BigInt(weights);
          rest -= piece;
          return [BigInt(101 + at), piece];
        });
        return new Map([...of, ...pieces].filter(([id, score]) => id !== 1n && score > 0n));
      };
      const known = new Map([
        ...contributions,
        ...into.map(({ isOther }, at): [bigint, Contribution] => [
          BigInt(101 + at),
          { contentHash: hashOf(BigInt(101 + at)), contributor: isOther ? accountOf(900 + at) : accountOf(1) },
        ]),
      ]);
      const options = { algorithm: uncapped, answerTokens: tokens, contributions: known };
      const mine = ({ contributionId }: Share) => contributionId === 1n || contributionId > 100n;
      const before = sumOf(sharesOf(scores, options).shares.filter(mine));
      const said = Object.fromEntries(Object.entries(scores).map(([kind, of]) => [kind, divided(of)]));
      const after = sumOf(sharesOf(said, options).shares.filter(mine));
      expect(Math.abs(after - before)).toBeLessThanOrEqual(1 + into.length);
    }),
  );
});

const of = (scores: KindScores, algorithm = uncapped, tokens = 10) => {
  const { shares, unattributedPpm } = sharesOf(scores, { algorithm, answerTokens: tokens, contributions });
  return {
    ...Object.fromEntries(shares.map(({ contributionId, ppm }) => [`${contributionId}`, ppm])),
    unattributedPpm,
  };
};

test('weak evidence leaves the rest unattributed, strong evidence divides everything', () => {
  expect(
    of({
      influence: new Map([
        [1n, 100_000n],
        [2n, 50_000n],
      ]),
    }),
  ).toEqual({ 1: 400_000, 2: 200_000, unattributedPpm: 400_000 });
  expect(
    of({
      influence: new Map([
        [1n, 3_000_000n],
        [2n, 1_000_000n],
      ]),
    }),
  ).toEqual({ 1: 750_000, 2: 250_000, unattributedPpm: 0 });
  expect(of({ spans: new Map([[1n, 1_500_000n]]) })).toEqual({ 1: 500_000, unattributedPpm: 500_000 });
  expect(of({})).toEqual({ unattributedPpm: 1_000_000 });
  expect(of({ influence: new Map() })).toEqual({ unattributedPpm: 1_000_000 });
});

test('kinds of evidence mix in the algorithm’s proportions, among those that the answer has', () => {
  const strong = (id: bigint) => new Map([[id, 10n ** 9n]]);
  expect(of({ influence: strong(1n), spans: strong(2n) })).toEqual({ 1: 700_000, 2: 300_000, unattributedPpm: 0 });
  expect(of({ influence: strong(1n), spans: strong(2n), retrieval: strong(1n) })).toEqual({
    1: 800_000,
    2: 200_000,
    unattributedPpm: 0,
  });
  expect(of({ influence: new Map(), spans: strong(2n) })).toEqual({ 2: 300_000, unattributedPpm: 700_000 });
});

test('what a cap takes off is unattributed, not the others’', () => {
  const capped = { ...uncapped, caps: { contribution: 400_000, account: 600_000 } };
  // 1 and 2 are one account's, 4 is another's.
  const influence = new Map([
    [1n, 6_000_000n],
    [2n, 3_000_000n],
    [4n, 1_000_000n],
  ]);
  expect(of({ influence }, capped)).toEqual({ 1: 342_857, 2: 257_143, 4: 100_000, unattributedPpm: 300_000 });
});

test('equal remainders go to the lower content hash, and beyond the contributions that are paid nothing is spread', () => {
  const third = new Map([
    [1n, 10n ** 7n],
    [4n, 10n ** 7n],
    [7n, 10n ** 7n],
  ]);
  const lowest = [1n, 4n, 7n].toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1));
  const found: Record<string, number> = of({ influence: third });
  expect(lowest.map((id) => found[`${id}`])).toEqual([333_334, 333_333, 333_333]);
  expect(found.unattributedPpm).toBe(0);
  expect(of({ influence: third }, { ...uncapped, mostContributions: 2 })).toEqual({
    [`${lowest[0]}`]: 333_334,
    [`${lowest[1]}`]: 333_333,
    unattributedPpm: 333_333,
  });
});

test('evidence for a contribution that the version was not trained on is refused by name', () => {
  expect(() => of({ influence: new Map([[13n, 1n]]) })).toThrow('Contribution 13 has evidence, but is not of the data');
});
