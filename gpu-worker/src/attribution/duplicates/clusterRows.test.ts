import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterRows } from './clusterRows.ts';

const options = { shingle: 4, similarity: 700_000 };

const tokensOf = (seed: string, length: number, vocabulary = 5_000): number[] => {
  const bytes = createHash('shake256', { outputLength: 4 * length })
    .update(seed)
    .digest();
  return Array.from({ length }, (_, at) => bytes.readUInt32LE(4 * at) % vocabulary);
};

const jaccard = <Of>(a: ReadonlySet<Of>, b: ReadonlySet<Of>) => a.intersection(b).size / a.union(b).size;
const shingles = (row: readonly number[]) =>
  new Set(Array.from({ length: Math.max(1, row.length - 3) }, (_, at) => row.slice(at, at + 4).join(' ')));
const bag = (row: readonly number[]) => {
  const times = new Map<number, number>();
  return new Set(
    row.map((token) => {
      times.set(token, (times.get(token) ?? 0) + 1);
      return `${token} ${times.get(token)}`;
    }),
  );
};

/** What is promised, by comparing each row with all first ones. */
const plainly = (rows: readonly (readonly number[])[], similarity: number): number[] => {
  const found: number[] = [];
  rows.forEach((row, at) => {
    const like = rows.findIndex(
      (other, before) =>
        before < at &&
        found[before] === before &&
        (jaccard(shingles(row), shingles(other)) >= similarity / 1e6 ||
          jaccard(bag(row), bag(other)) >= similarity / 1e6),
    );
    found.push(like < 0 ? at : like);
  });
  return found;
};

test('rows are what comparing each with all first ones says they are', () => {
  // Few tokens and short rows, so that all degrees of similarity come up.
  const row = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 25 }),
      fc.constantFrom(1, 300_000, 500_000, 700_000, 1_000_000),
      (rows, similarity) => {
        expect([...clusterRows(rows, { shingle: 4, similarity })]).toEqual(plainly(rows, similarity));
      },
    ),
    { numRuns: 300 },
  );
});

test('copies are one with what they copy: exact ones, with words swapped, some words replaced, and words added', () => {
  const original = tokensOf('original', 120);
  const swapped = original.map((_, at) => original[(at ^ 1) % 120]!);
  const replaced = original.map((token, at) => (at % 7 === 3 && at < 60 ? 4_999 - token : token));
  const longer = [...original, ...tokensOf('more', 20)];
  const rows = [tokensOf('another', 120), original, original, swapped, replaced, longer, tokensOf('a third', 120)];
  expect([...clusterRows(rows, options)]).toEqual([0, 1, 1, 1, 1, 1, 6]);
});

test('a chain of small changes does not make one of rows that have little in common', () => {
  const [from, to] = [tokensOf('from', 100), tokensOf('to', 100)];
  const chain = Array.from({ length: 11 }, (_, step) => [...to.slice(0, 10 * step), ...from.slice(10 * step)]);
  const clusters = clusterRows(chain, options);
  expect(clusters.at(-1)).not.toBe(0);
  expect(new Set(clusters).size).toBeGreaterThan(2);
});
