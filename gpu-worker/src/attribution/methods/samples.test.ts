import { expect, test } from 'vitest';
import { padExamples } from '../../factory/index.ts';
import { exampleBase } from '../lds/example.fixture.ts';
import { embedRows, samplesOf, storedGradients, tokensOf } from './index.ts';

const examples = [[5, 9, 11, 20], [7], [8, 8, 8, 8, 8, 8, 8, 8]].map((ids) => ({ ids }));
const rows = padExamples(examples, { sequence: 8, separator: 1 });

test('a row has the tokens that it was made of, without what fills it up', () => {
  expect(examples.map((_, row) => [...tokensOf(rows, row)])).toEqual(examples.map(({ ids }) => ids));
});

test('an embedding is the mean of the states of the row’s own tokens', async () => {
  const base = await exampleBase();
  const found = await embedRows(base, rows, { batch: 2, threads: 1 });
  // What follows a token does not change its state: a row of one token is the first state of any row that begins with it.
  const short = padExamples([{ ids: [5] }, { ids: [5, 9] }], { sequence: 2, separator: 1 });
  const [first, both] = await embedRows(base, short, { batch: 1, threads: 1 });
  const longer = padExamples([{ ids: [5, 9] }], { sequence: 8, separator: 1 });
  const [again] = await embedRows(base, longer, { batch: 1, threads: 1 });
  expect(found.map(({ length }) => length)).toEqual([16, 16, 16]);
  for (const [at, value] of both!.entries()) expect(again![at]).toBeCloseTo(value, 5);
  expect([...both!]).not.toEqual([...first!]);
  await expect(samplesOf(base, rows, { gradients: [], batch: 1, threads: 1 })).rejects.toThrow(
    '3 rows have 0 gradients',
  );
  const samples = await samplesOf(base, rows, { gradients: [[1], [2], [3]], batch: 2, threads: 1 });
  expect(samples[1]).toEqual({ gradient: [2], tokens: Int32Array.of(7), embedding: found[1] });
});

test('stored gradients come back as the numbers that they stand for', () => {
  const store = { size: 2, count: 2, exponentOf: (row: number) => -row, valuesOf: () => Int8Array.of(3, -5) };
  expect(storedGradients(store, 2)).toEqual([Float64Array.of(3, -5), Float64Array.of(1.5, -2.5)]);
});
