import { readFile } from 'node:fs/promises';
import { buildSchema } from 'graphql';
import { expect, inject, test } from 'vitest';
import { describeFaults, fuzz } from './operations/run.ts';

const schema = buildSchema(await readFile(new URL('../../../api/schema.graphql', import.meta.url), 'utf8'));

test('5,000 generated operations, right and wrong: none breaks the API, none shows its inside, none runs too long', async () => {
  const seed = Number(process.env.OPENLEDGER_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const { faults, answered, refused } = await fuzz({
    url: inject('apiUrl'),
    token: inject('token'),
    schema,
    seed,
    count: 5000,
    concurrency: 8,
  });
  expect(faults.length, describeFaults(seed, faults)).toBe(0);
  // Neither all right nor all wrong: both ways through the API were taken.
  expect(answered).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(500);
}, 120_000);
