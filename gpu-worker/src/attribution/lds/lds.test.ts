import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import { drawSubsets, linearDatamodelingScore, ranks, spearman } from './index.ts';

test('equal numbers share the mean of their places', () => {
  expect([...ranks([5, 1, 5, 2, 5])]).toEqual([4, 1, 4, 2, 4]);
});

test('Spearman: 1 for any rising function, 0 for what never changes, and the textbook example', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2 }), (values) => {
      expect(
        spearman(
          values,
          values.map((value) => value ** 3 + 7),
        ),
      ).toBeCloseTo(1, 12);
      expect(
        spearman(
          values,
          values.map((value) => -value),
        ),
      ).toBeCloseTo(-1, 12);
      expect(
        spearman(
          values,
          values.map(() => 3),
        ),
      ).toBe(0);
    }),
  );
  // IQ and hours of television; scipy.stats.spearmanr says −0.17575757…
  const [iq, hours] = [
    [106, 100, 86, 101, 99, 103, 97, 113, 112, 110],
    [7, 27, 2, 50, 28, 29, 20, 12, 6, 17],
  ];
  expect(spearman(iq!, hours!)).toBeCloseTo(-29 / 165, 12);
});

test('subsets are halves, each different, each unit as often in as out', () => {
  const subsets = drawSubsets({ units: 40, count: 400, seed: 9 });
  expect(drawSubsets({ units: 40, count: 400, seed: 9 })).toEqual(subsets);
  expect(new Set(subsets.map((subset) => subset.join())).size).toBe(400);
  const counts = new Int32Array(40);
  for (const subset of subsets) {
    expect(new Set(subset).size).toBe(20);
    expect(subset).toEqual(subset.toSorted((left, right) => left - right));
    for (const unit of subset) counts[unit]!++;
  }
  // Binomial(400, 1/2) has a deviation of 10.
  for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(45);
  expect(drawSubsets({ units: 4, count: 6, seed: 1 })).toHaveLength(6);
  expect(() => drawSubsets({ units: 4, count: 7, seed: 1 })).toThrow('only 6 subsets of 2 of 4 units; 7 were asked');
  expect(() => drawSubsets({ units: 1, count: 1, seed: 1 })).toThrow('tells nothing');
});

/** Losses that are sums of units' true effects, and noise. */
const retrained = (noise: number) => {
  const random = createRandom(4);
  const effects = Array.from({ length: 6 }, () => Array.from({ length: 30 }, () => random.normal()));
  const subsets = drawSubsets({ units: 30, count: 60, seed: 2 });
  const losses = effects.map((units) =>
    Float64Array.from(
      subsets,
      (subset) => 9 - subset.reduce((sum, unit) => sum + units[unit]!, 0) + noise * random.normal(),
    ),
  );
  return { effects, retrained: { subsets, losses } };
};

test('scores that are the true effects have an LDS of 1, the opposite −1, others none', () => {
  const { effects, retrained: found } = retrained(0);
  expect(linearDatamodelingScore(effects, found)).toMatchObject({ lds: 1, low: 1, high: 1 });
  expect(
    linearDatamodelingScore(
      effects.map((units) => units.map((value) => -value)),
      found,
    ).lds,
  ).toBe(-1);
  const random = createRandom(8);
  const none = linearDatamodelingScore(
    effects.map((units) => units.map(() => random.normal())),
    found,
  );
  expect(Math.abs(none.lds)).toBeLessThan(0.2);
  expect(none.low).toBeLessThan(0);
  expect(none.high).toBeGreaterThan(0);
});

test('the interval holds the value, is wider with fewer subsets, and the same each time', () => {
  const { effects, retrained: found } = retrained(3);
  const whole = linearDatamodelingScore(effects, found);
  expect(linearDatamodelingScore(effects, found)).toEqual(whole);
  expect(whole.byQuery).toHaveLength(6);
  expect(whole.low).toBeLessThan(whole.lds);
  expect(whole.high).toBeGreaterThan(whole.lds);
  const few = linearDatamodelingScore(effects, {
    subsets: found.subsets.slice(0, 10),
    losses: found.losses.map((losses) => losses.slice(0, 10)),
  });
  expect(few.high - few.low).toBeGreaterThan(whole.high - whole.low);
});

test('what does not fit together is refused', () => {
  const { effects, retrained: found } = retrained(0);
  expect(() => linearDatamodelingScore(effects.slice(1), found)).toThrow('[6][60]; 5 queries and 60 subsets');
  expect(() =>
    linearDatamodelingScore(
      effects.map((units) => units.slice(1)),
      found,
    ),
  ).toThrow('unit 29; 29 units');
  expect(() => linearDatamodelingScore(effects, { subsets: [], losses: [] })).toThrow('2 and 1 are the least');
});
