import { startingAlgorithm } from '@openledger/protocol/attribution';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { influenceScores } from './influenceScores.ts';
import { leastNormOf, normalisedScores } from './normalisedScores.ts';
import { nullBandOf } from './nullBand.ts';

test('scores are millionths of a score, rounded down; rows and queries of nothing have none', () => {
  const products = Float64Array.of(1, -1, 0.3333339, 2 / 3, 5, 0);
  const norms = Float64Array.of(2, 2, 1, 1, 0, 1);
  const of = (queryNorm: number, leastNorm = 0) => [...normalisedScores(products, { norms, leastNorm, queryNorm })];
  expect(of(1)).toEqual([500_000, -500_000, 333_333, 666_666, 0, 0]);
  expect(of(2)).toEqual([250_000, -250_000, 166_666, 333_333, 0, 0]);
  expect(of(0)).toEqual([0, 0, 0, 0, 0, 0]);
  // Rows of a smaller norm keep their proportion.
  expect(of(1, 2)).toEqual([500_000, -500_000, 166_666, 333_333, 2_500_000, 0]);
  // Down, not towards zero.
  const small = { norms: Float64Array.of(1), leastNorm: 0, queryNorm: 1 };
  expect([...normalisedScores(Float64Array.of(-0.0000001), small)]).toEqual([-1]);
});

test('the least norm is a quantile of contributions’ rows, each with its copies once', () => {
  const norms = Float64Array.of(4, 1, 3, 2, 100, 100, 100);
  const rows = {
    count: 7,
    contributionOf: (row: number) => (row === 6 ? 0n : 1n),
    clusters: Uint32Array.of(0, 1, 2, 3, 0, 1, 6),
  };
  expect([0, 250_000, 260_000, 900_000, 1_000_000].map((part) => leastNormOf(norms, rows, part))).toEqual([
    1, 1, 2, 4, 4,
  ]);
});

const { influence } = startingAlgorithm;

test('the null band is the nearest rank of the foreign rows’ scores, and never below 0', () => {
  const foreign = [30, -5, 10, 20];
  const quantiles = [0, 250_000, 250_001, 500_000, 750_000, 950_000, 1_000_000];
  const bands = quantiles.map((nullQuantile) => nullBandOf(foreign, 1_000, { nullQuantile, nullGrowth: 0 })(0));
  expect(bands).toEqual([0, 0, 10, 10, 20, 30, 30]);
  expect(nullBandOf([], 1_000, influence)(0)).toBe(0);
});

test('the band grows with the rows, as the best of as many random numbers does', () => {
  // 95 % of a normal distribution lie below 1.645 σ; the best of n is about σ √(2 ln n).
  const foreign = new Array(100).fill(1_645_000);
  const full = { nullQuantile: 950_000, nullGrowth: 512_300 };
  const sigma = (rows: number) => nullBandOf(foreign, rows, full)(0) / 1e6;
  expect(sigma(0)).toBe(1.645);
  expect(sigma(1)).toBe(1.645);
  for (const rows of [63, 1_023, 1_048_575]) expect(sigma(rows)).toBeCloseTo(Math.sqrt(2 * Math.log(rows + 1)), 3);
  // Rounded down exactly: √(1,645,000² · 10 · 0.5123).
  const band = nullBandOf(foreign, 1_000, full);
  expect(band(1_645_000)).toBe(3_723_300);
  // A row that is nearer to foreign answers than foreign rows are.
  expect([-5, 1_644_999, 1_700_000].map(band)).toEqual([3_723_300, 3_723_300, 3_847_787]);
});

const row = fc.record({
  contribution: fc.bigInt({ min: 0n, max: 4n }),
  score: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  hub: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000_000 })),
});
const scoresOf = (
  rows: readonly { contribution: bigint; score: number; hub: number }[],
  clusters = Uint32Array.from(rows.keys()),
) =>
  influenceScores(
    Int32Array.from(rows, ({ score }) => score),
    {
      count: rows.length,
      contributionOf: (at) => rows[at]!.contribution,
      clusters,
      hubs: Int32Array.from(rows, ({ hub }) => hub),
    },
    startingAlgorithm,
  );

test('what is paid is what is above the null band, of first rows only, summed by contribution', () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const bandOf = nullBandOf(
        rows.filter(({ contribution }) => contribution === 0n).map(({ score }) => score),
        rows.filter(({ contribution }) => contribution !== 0n).length,
        influence,
      );
      const found = scoresOf(rows);
      for (let id = 0n; id <= 4n; id++) {
        const own = rows.filter(({ contribution }) => contribution === id);
        const sum = own.reduce((all, { score, hub }) => all + Math.max(0, score - bandOf(hub)), 0);
        expect(found.get(id) ?? 0n).toBe(id === 0n ? 0n : BigInt(sum));
      }
    }),
  );
});

test('a copy of a row changes nobody’s score, whoever copies, however often', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1 }),
      fc.array(fc.record({ of: fc.nat(), by: fc.bigInt({ min: 1n, max: 9n }) })),
      (rows, copies) => {
        const made = copies.map(({ of, by }) => {
          const source = of % rows.length;
          return { source, row: { ...rows[source]!, contribution: by } };
        });
        const clusters = Uint32Array.from([...rows.keys(), ...made.map(({ source }) => source)]);
        expect(scoresOf([...rows, ...made.map((copy) => copy.row)], clusters)).toEqual(scoresOf(rows));
      },
    ),
  );
});
