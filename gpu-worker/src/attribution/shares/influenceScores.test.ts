import { startingAlgorithm } from '@openledger/protocol/attribution';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cosinesOf, influenceScores, nullBandOf } from './influenceScores.ts';

test('cosines are millionths, rounded down; rows and queries of nothing have none', () => {
  const products = Float64Array.of(1, -1, 0.3333339, 2 / 3, 5, 0);
  const norms = Float64Array.of(2, 2, 1, 1, 0, 1);
  expect([...cosinesOf(products, norms, 1)]).toEqual([500_000, -500_000, 333_333, 666_666, 0, 0]);
  expect([...cosinesOf(products, norms, 2)]).toEqual([250_000, -250_000, 166_666, 333_333, 0, 0]);
  expect([...cosinesOf(products, norms, 0)]).toEqual([0, 0, 0, 0, 0, 0]);
  // Down, not towards zero.
  expect([...cosinesOf(Float64Array.of(-0.0000001), Float64Array.of(1), 1)]).toEqual([-1]);
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
