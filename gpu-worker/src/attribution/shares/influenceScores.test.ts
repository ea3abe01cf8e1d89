import { startingAlgorithm } from '@openledger/protocol/attribution';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { influenceScores, leastNormOf, normalisedScores, nullBandOf } from './influenceScores.ts';

test('scores are millionths of a cosine, rounded down; rows and queries of nothing have none', () => {
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

test('the null band is the nearest rank of the foreign rows’ scores, and never below 0', () => {
  const foreign = [30, -5, 10, 20];
  expect([0, 250_000, 250_001, 500_000, 750_000, 950_000, 1_000_000].map((part) => nullBandOf(foreign, part))).toEqual([
    0, 0, 10, 10, 20, 30, 30,
  ]);
  expect(nullBandOf([], 950_000)).toBe(0);
});

const row = fc.record({
  contribution: fc.bigInt({ min: 0n, max: 4n }),
  cosine: fc.integer({ min: -1_000_000, max: 1_000_000 }),
});
const scoresOf = (
  rows: readonly { contribution: bigint; cosine: number }[],
  clusters = Uint32Array.from(rows.keys()),
) =>
  influenceScores(
    Int32Array.from(rows, ({ cosine }) => cosine),
    { count: rows.length, contributionOf: (at) => rows[at]!.contribution, clusters },
    startingAlgorithm,
  );

test('what is paid is what is above the null band, of first rows only, summed by contribution', () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const band = nullBandOf(
        rows.filter(({ contribution }) => contribution === 0n).map(({ cosine }) => cosine),
        startingAlgorithm.influence.nullQuantile,
      );
      const found = scoresOf(rows);
      for (let id = 0n; id <= 4n; id++) {
        const own = rows.filter(({ contribution }) => contribution === id);
        const sum = own.reduce((all, { cosine }) => all + Math.max(0, cosine - band), 0);
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
          return { source, row: { contribution: by, cosine: rows[source]!.cosine } };
        });
        const clusters = Uint32Array.from([...rows.keys(), ...made.map(({ source }) => source)]);
        expect(scoresOf([...rows, ...made.map((copy) => copy.row)], clusters)).toEqual(scoresOf(rows));
      },
    ),
  );
});
