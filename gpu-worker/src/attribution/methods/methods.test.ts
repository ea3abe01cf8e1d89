import { expect, test } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import {
  bm25,
  dataInf,
  embeddingSimilarity,
  gradDot,
  normalisedInfluence,
  quantisedRows,
  random,
  selfInfluence,
  whitenedCosine,
  whitenedInfluence,
} from './index.ts';

// Each method beside the plainest computation of what its paper says. One that scored otherwise would pay others.

const numbers = createRandom(5);
const draw = (length: number): number[] => Array.from({ length }, () => numbers.normal());
const [size, count, damping] = [6, 9, 0.2];
const rows = Array.from({ length: count }, () => ({ gradient: draw(size) }));
const answer = { gradient: draw(size) };

const product = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, at) => sum + value * right[at]!, 0);

/** (ΦᵀΦ/n + λI)⁻¹ by Gauss and Jordan. */
const inverse = (gradients: readonly (readonly number[])[], by: number): number[][] => {
  const moment = Array.from({ length: size }, (_, row) =>
    Array.from(
      { length: size },
      (_, column) =>
        product(
          gradients.map((g) => g[row]!),
          gradients.map((g) => g[column]!),
        ) / gradients.length,
    ),
  );
  const lambda = (by * moment.reduce((sum, row, at) => sum + row[at]!, 0)) / size;
  const both = moment.map((row, at) => [
    ...row.map((value, column) => value + (column === at ? lambda : 0)),
    ...Array.from({ length: size }, (_, column) => Number(column === at)),
  ]);
  for (let at = 0; at < size; at++) {
    const pivot = both[at]!.map((value) => value / both[at]![at]!);
    for (const [row, values] of both.entries()) {
      both[row] = row === at ? pivot : values.map((value, column) => value - values[at]! * pivot[column]!);
    }
  }
  return both.map((row) => row.slice(size));
};

const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => product(row, vector));

const expectClose = (found: Float64Array, expected: readonly number[], part: number): void => {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  for (const [at, value] of expected.entries()) expect(Math.abs(found[at]! - value) / largest).toBeLessThan(part);
};

test('whitened influence is the answer times the damped inverse moment times the row, but for int8', () => {
  const inverted = inverse(
    rows.map(({ gradient }) => gradient),
    damping,
  );
  const expected = rows.map(({ gradient }) => product(times(inverted, answer.gradient), gradient));
  expectClose(whitenedInfluence({ damping }).prepare(rows).score(answer), expected, 0.03);
});

test('the whitened cosine is 1 of a row with itself, and does not grow with the row', () => {
  const prepared = whitenedCosine({ damping }).prepare(rows);
  for (const [row, sample] of rows.entries()) {
    const scores = prepared.score(sample);
    expect(scores[row]).toBeCloseTo(1, 1);
    expect(Math.max(...scores)).toBe(scores[row]);
  }
  const loud = rows.map(({ gradient }, row) => ({ gradient: gradient.map((value) => value * (row === 3 ? 64 : 1)) }));
  const inverted = inverse(
    loud.map(({ gradient }) => gradient),
    damping,
  );
  const norm = (vector: readonly number[]) => Math.sqrt(product(times(inverted, vector), vector));
  const expected = loud.map(
    ({ gradient }) => product(times(inverted, answer.gradient), gradient) / norm(gradient) / norm(answer.gradient),
  );
  expectClose(whitenedCosine({ damping }).prepare(loud).score(answer), expected, 0.03);
});

test('what pays is the cosine of the largest rows, and influence in the proportion of the others', () => {
  const [raw, cosine] = [whitenedInfluence({ damping }), whitenedCosine({ damping })].map((method) =>
    method.prepare(rows).score(answer),
  );
  const norms = rows.map((_, row) => raw![row]! / cosine![row]!);
  const least = norms.toSorted((left, right) => left - right)[Math.ceil(0.7 * count) - 1]!;
  const expected = rows.map((_, row) => raw![row]! / Math.max(norms[row]!, least));
  expectClose(normalisedInfluence({ damping, quantile: 700_000 }).prepare(rows).score(answer), expected, 1e-9);
  expectClose(normalisedInfluence({ damping, quantile: 0 }).prepare(rows).score(answer), [...cosine!], 1e-9);
});

test('H may be of other rows than those that are scored', () => {
  const others = Array.from({ length: 20 }, () => ({ gradient: draw(size) }));
  const inverted = inverse(
    others.map(({ gradient }) => gradient),
    damping,
  );
  const expected = rows.map(({ gradient }) => product(times(inverted, answer.gradient), gradient));
  const method = whitenedInfluence({ damping, moment: quantisedRows(others) });
  expectClose(method.prepare(rows).score(answer), expected, 0.03);
});

test('self-influence is of the row alone', () => {
  const inverted = inverse(
    rows.map(({ gradient }) => gradient),
    damping,
  );
  const expected = rows.map(({ gradient }) => product(times(inverted, gradient), gradient));
  const prepared = selfInfluence({ damping }).prepare(rows);
  expectClose(prepared.score(answer), expected, 0.03);
  expect(prepared.score(rows[0]!)).toEqual(prepared.score(answer));
});

test('grad-dot is the plain product', () => {
  expectClose(
    gradDot().prepare(rows).score(answer),
    rows.map(({ gradient }) => product(gradient, answer.gradient)),
    1e-12,
  );
});

test('DataInf inverts each matrix of each row alone and takes the mean, as in the paper', () => {
  const matrices = [4, 2];
  const part = (vector: readonly number[], matrix: number) => (matrix === 0 ? vector.slice(0, 4) : vector.slice(4));
  const expected = rows.map((row) =>
    matrices.reduce((score, d, matrix) => {
      const g = rows.map(({ gradient }) => part(gradient, matrix));
      const lambda = (0.1 * g.reduce((sum, one) => sum + product(one, one) / d, 0)) / count;
      const q = part(answer.gradient, matrix);
      const r = q.map(
        (_, at) =>
          g.reduce((sum, one) => sum + q[at]! - (product(q, one) / (lambda + product(one, one))) * one[at]!, 0) /
          (count * lambda),
      );
      return score + product(r, part(row.gradient, matrix));
    }, 0),
  );
  expectClose(dataInf({ matrices }).prepare(rows).score(answer), expected, 1e-9);
  // A matrix that nothing pulls at has no λ, and decides nothing.
  const still = [...rows, answer].map(({ gradient }) => ({ gradient: [...gradient, 0, 0] }));
  const scores = dataInf({ matrices: [...matrices, 2] })
    .prepare(still.slice(0, -1))
    .score(still.at(-1)!);
  expectClose(scores, expected, 1e-9);
});

test('BM25 is higher for rare words in common than for frequent ones, and nothing without any', () => {
  const texts = [[1, 2, 2, 3], [1, 4], [1, 5, 6, 7, 8, 9], [10]].map((tokens) => ({ tokens }));
  const scores = bm25()
    .prepare(texts)
    .score({ tokens: [1, 4, 4] });
  const rarity = (found: number) => Math.log(1 + (4 - found + 0.5) / (found + 0.5));
  const term = (found: number, times: number, count: number, length: number) =>
    (times * rarity(found) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / (13 / 4)));
  const expected = [term(3, 1, 1, 4), term(3, 1, 1, 2) + term(1, 2, 1, 2), term(3, 1, 1, 6), 0];
  expectClose(scores, expected, 1e-12);
});

test('embeddings are compared by their direction alone', () => {
  const texts = [
    [1, 0],
    [2, 2],
    [-3, 0],
    [0, 0],
  ].map((embedding) => ({ embedding }));
  const scores = embeddingSimilarity()
    .prepare(texts)
    .score({ embedding: [5, 0] });
  expectClose(scores, [1, Math.SQRT1_2, -1, 0], 1e-12);
});

test('random scores are others for each answer, and the same ones again from the same seed', () => {
  const [one, again] = [random({ seed: 3 }).prepare(rows), random({ seed: 3 }).prepare(rows)];
  const first = one.score(answer);
  expect(again.score(answer)).toEqual(first);
  expect(one.score(answer)).not.toEqual(first);
  expect(new Set(first).size).toBe(count);
});

test('rows and answers that do not fit are refused, saying which', () => {
  const odd = [...rows, { gradient: [1] }];
  for (const method of [
    whitenedInfluence({ damping }),
    gradDot(),
    dataInf({ matrices: [6] }),
    selfInfluence({ damping }),
  ]) {
    expect(() => method.prepare([])).toThrow('no rows');
    expect(() => method.prepare(odd)).toThrow('row 9 one of 1');
  }
  expect(() =>
    gradDot()
      .prepare(rows)
      .score({ gradient: [1, 2] }),
  ).toThrow('the answer one of 2');
  expect(() =>
    whitenedCosine({ damping })
      .prepare(rows)
      .score({ gradient: [1, 2] }),
  ).toThrow('the answer one of 2');
  expect(() => dataInf({ matrices: [4, 3] }).prepare(rows)).toThrow('7 numbers together, the gradients 6');
  expect(() =>
    embeddingSimilarity()
      .prepare([{ embedding: [1] }])
      .score({ embedding: [1, 2] }),
  ).toThrow('one of 2');
});
