import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';
import { bandValues, minHash, signatureBytes, signatureOfBytes, similarity, textHashes } from './min-hash.ts';
import { copiedShare } from './near.ts';

const shingles = fc.uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 300 });
const rowOf = (content: string) => ({ text: content, content, line: 1 });

test('a stored signature never changes its meaning: these are the hashes of three shingles', () => {
  expect([...minHash([1, 2, 0xdeadbeef], 6)]).toMatchInlineSnapshot(`
    [
      898345643,
      1015736406,
      1250886120,
      1689382475,
      793618716,
      94173888,
    ]
  `);
});

test('a signature does not depend on order or repetition, and survives being stored', () => {
  fc.assert(
    fc.property(shingles, (list) => {
      const signature = minHash(list);
      expect(minHash([...list].reverse().concat(list))).toEqual(signature);
      expect(signatureOfBytes(signatureBytes(signature))).toEqual(signature);
      expect(bandValues(signature)).toHaveLength(textHashes.bands);
      for (const value of bandValues(signature)) expect(BigInt.asIntN(64, value)).toBe(value);
    }),
    { numRuns: 50 },
  );
});

test('the signature of a union is the least of both', () => {
  fc.assert(
    fc.property(shingles, shingles, (a, b) => {
      const [one, other] = [minHash(a), minHash(b)];
      expect(minHash([...a, ...b])).toEqual(one.map((value, i) => Math.min(value, other[i]!)));
    }),
    { numRuns: 50 },
  );
});

test('the share of equal hashes estimates how alike two sets are, without bias', () => {
  for (const share of [0.2, 0.5, 0.8, 0.95]) {
    let [sum, off] = [0, 0];
    const pairs = 60;
    for (let pair = 0; pair < pairs; pair++) {
      const union = Array.from({ length: 400 }, (_, i) => Math.imul(pair * 1_000 + i + 1, 0x9e3779b1) >>> 0);
      const common = Math.round(400 * share);
      const half = common + Math.floor((400 - common) / 2);
      const estimate = similarity(
        minHash(union.slice(0, half)),
        minHash([...union.slice(0, common), ...union.slice(half)]),
      );
      sum += estimate;
      off = Math.max(off, Math.abs(estimate - share));
    }
    expect(Math.abs(sum / pairs - share)).toBeLessThan(0.025);
    expect(off).toBeLessThan(0.2);
  }
});

test('two texts share a band as often as the formula says', () => {
  const share = 0.8;
  let met = 0;
  const pairs = 300;
  for (let pair = 0; pair < pairs; pair++) {
    const union = Array.from({ length: 200 }, (_, i) => Math.imul(pair * 977 + i + 7, 0x85ebca6b) >>> 0);
    const [a, b] = [
      bandValues(minHash(union.slice(0, 180))),
      new Set(bandValues(minHash([...union.slice(0, 160), ...union.slice(180)]))),
    ];
    if (a.some((value) => b.has(value))) met += 1;
  }
  const expected = 1 - (1 - share ** textHashes.rows) ** textHashes.bands;
  expect(Math.abs(met / pairs - expected)).toBeLessThan(0.08);
});

test('case, whitespace, punctuation and the order of rows change nothing in a fingerprint', () => {
  const word = fc.stringMatching(/^[a-z]{1,9}$/);
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 6, maxLength: 20 }), { minLength: 2, maxLength: 8 }), (rows) => {
      const plain = fingerprintOf(rows.map((words) => rowOf(words.join(' '))));
      const dressed = fingerprintOf(rows.map((words) => rowOf(`  ${words.join(' , ').toUpperCase()}! `)));
      expect(dressed.textHash).toBe(plain.textHash);
      expect(dressed.signature).toEqual(plain.signature);
      expect(fingerprintOf([...rows].reverse().map((words) => rowOf(words.join(' ')))).signature).toEqual(
        plain.signature,
      );
    }),
    { numRuns: 40 },
  );
});

test('rows copied from another are found by their share of the text, also where there are too many to keep', () => {
  const row = (i: number) =>
    rowOf(Array.from({ length: 12 }, (_, j) => Math.imul(i * 31 + j, 0x9e3779b1).toString(36)).join(' '));
  for (const [own, taken] of [
    [10, 90],
    [90, 10],
    [3_000, 3_000],
  ] as const) {
    const other = fingerprintOf(Array.from({ length: 4_000 }, (_, i) => row(i)));
    const mine = fingerprintOf([
      ...Array.from({ length: taken }, (_, i) => row(i)),
      ...Array.from({ length: own }, (_, i) => row(100_000 + i)),
    ]);
    const met = [...mine.rows.rowsOf.keys()].filter((value) => other.rows.rowsOf.has(value));
    expect(Math.abs(copiedShare(mine.rows, other.rows.shift, met).share - taken / (own + taken))).toBeLessThan(0.12);
  }
});
