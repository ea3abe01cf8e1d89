import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScorer, quantiseQuery, scoreRows } from './scores.ts';
import { rowsOf } from './store.fixture.ts';
import { type GradientStore, openStore, readStore } from './store.ts';
import { whiten } from './whitening.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradients-'));
});
afterAll(() => rm(folder, { recursive: true }));

const storeOf = async (gradients: readonly ArrayLike<number>[]): Promise<GradientStore> => {
  const file = await mkdtemp(join(folder, 'store-'));
  const writer = await openStore(join(file, 'rows'), { size: gradients[0]!.length, settings: {} });
  await writer.append(gradients.map((gradient, row) => ({ contributionId: BigInt(row), gradient })));
  await writer.close();
  return readStore(join(file, 'rows'));
};

const largest = (size: number) => [
  new Float32Array(size).fill(127),
  new Float32Array(size).fill(-127),
  Float32Array.from({ length: size }, (_, at) => (at % 2 ? -127 : 127)),
];

// Products that saturate would score rows wrongly on some processors only, and receipts would not be found again.
test.each([
  1, 20, 512, 2048,
])('the fast way finds the exact scores of %i numbers, at the ends of the range too', async (size) => {
  const store = await storeOf([...largest(size), ...rowsOf(40, size).map(({ gradient }) => gradient)]);
  const scorer = await openScorer(store);
  for (const query of [...largest(size), rowsOf(1, size)[0]!.gradient, new Float32Array(size)]) {
    const quantised = quantiseQuery(query);
    expect(await scorer.score(quantised)).toEqual(scoreRows(store, quantised));
  }
  await scorer.close();
});

// Rows pass the kernel by the piece: none may be left out, or counted with another's exponent, where pieces meet.
test('as many rows as do not fit at once have the exact scores', async () => {
  const size = 500;
  const store = await storeOf(
    rowsOf(2_000, size).map(({ gradient }, row) => gradient.map((value) => value * 2 ** (row % 7))),
  );
  const scorer = await openScorer(store);
  const query = quantiseQuery(rowsOf(7, size)[6]!.gradient);
  expect(await scorer.score(query)).toEqual(scoreRows(store, query));
  await scorer.close();
});

test('on any integers both ways agree with whole numbers without end', async () => {
  const int8 = fc.integer({ min: -127, max: 127 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(int8, { minLength: 33, maxLength: 33 }), { minLength: 1, maxLength: 9 }),
      fc.array(fc.integer({ min: -16_000, max: 16_000 }), { minLength: 33, maxLength: 33 }),
      async (rows, query) => {
        const store = await storeOf(rows);
        const scorer = await openScorer(store);
        const exact = rows.map((row) =>
          Number(row.reduce((sum, value, at) => sum + BigInt(value) * BigInt(query[at]!), 0n)),
        );
        const quantised = { values: Int16Array.from(query), exponent: 0 };
        // Steps of 1 at the most: the numbers are whole, so a finer step keeps them.
        expect([...(await scorer.score(quantised))]).toEqual(exact.map((value) => value + 0));
        expect([...scoreRows(store, quantised)]).toEqual(exact.map((value) => value + 0));
        await scorer.close();
      },
    ),
    { numRuns: 30 },
  );
});

test('whitening solves by the damped second moment of the rows as they are stored', async () => {
  const size = 12;
  const store = await storeOf(rowsOf(30, size).map(({ gradient }, row) => gradient.map((value) => value * 2 ** row)));
  const whitening = whiten(store, { damping: 0.1 });
  const query = rowsOf(31, size)[30]!.gradient;
  const solved = whitening.solve(query);
  // H · solved = query
  const back = Float64Array.from(solved, (value) => value * whitening.lambda);
  for (let row = 0; row < store.count; row++) {
    const gradient = Float64Array.from(store.valuesOf(row), (value) => value * 2 ** store.exponentOf(row));
    const product = gradient.reduce((sum, value, at) => sum + value * solved[at]!, 0) / store.count;
    gradient.forEach((value, at) => {
      back[at]! += value * product;
    });
  }
  const most = Math.max(...query.map(Math.abs));
  back.forEach((value, at) => {
    expect(Math.abs(value - query[at]!) / most).toBeLessThan(1e-9);
  });
  const square = solved.reduce((sum, value, at) => sum + value * query[at]!, 0);
  expect(whitening.norm(query) ** 2 / square).toBeCloseTo(1, 9);
});

test('what cannot be whitened or scored is said', async () => {
  const zeros = await storeOf([new Float32Array(4)]);
  expect(() => whiten(zeros, { damping: 0.1 })).toThrow('nothing to whiten by');
  expect(() => whiten(zeros, { damping: 0 })).toThrow('Damping is above 0');
  expect(() => scoreRows(zeros, quantiseQuery([1, 2]))).toThrow('The rows have 4 numbers, the query 2');
});
