import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainAdapter } from '../../factory/index.ts';
import { extractGradients, type GradientStore, readStore } from '../influence/index.ts';
import { exampleBase, exampleRecipe, exampleRows } from '../lds/example.fixture.ts';
import { type CardOptions, makeCard } from './index.ts';

/** Without the noise of batches: each step is on all rows. */
const recipe = { ...exampleRecipe, batch: 24, schedule: { ...exampleRecipe.schedule, steps: 20 } };

let folder: string;
let options: CardOptions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'card-'));
  const base = await exampleBase();
  const rows = exampleRows(48, { subjects: 6, seed: 1 });
  // Two rows to a contribution, both of its subject.
  const contributions = Array.from({ length: 48 }, (_, row) => BigInt(100 + (row % 24)));
  const { adapter } = await trainAdapter({ ...recipe, base, data: rows });
  const file = join(folder, 'gradients');
  await extractGradients(base, {
    ...{ adapter, file, rows, contributions, batch: 8, threads: 1, dimensions: 256, seed: 'card' },
    settings: { adapter: '0x1' },
  });
  options = {
    ...{ base, adapter, rows, contributions, recipe },
    adapterHash: `0x${'ab'.repeat(32)}`,
    gradients: await readStore(file),
    gradientStoreRoot: `0x${'cd'.repeat(32)}`,
    queries: exampleRows(12, { subjects: 6, seed: 2 }),
    subsets: { count: 24, seeds: 1 },
    rowsPerSecond: 12.4,
    modelId: 7n,
    version: 2,
  };
});
afterAll(() => rm(folder, { recursive: true }));

test('a card says how well each method predicts retraining: influence does, chance does not', async () => {
  const file = join(folder, 'retrainings.jsonl');
  const card = await makeCard({ ...options, file });
  expect(card).toMatchObject({
    schema: 'openledger.attribution-card/1',
    modelId: '7',
    version: 2,
    subsets: { count: 24, part: 500_000, seeds: 1 },
    queries: { chosenOn: 6, measuredOn: 6 },
    cost: { rowsPerSecond: 12, bytesPerRow: options.gradients.records.length / 48 },
  });
  expect(card.figures.map(({ method }) => method)).toEqual([
    'whitened-projected-influence',
    'unnormalised-influence',
    'whitened-cosine',
    'datainf',
    'grad-dot',
    'bm25',
    'embedding-similarity',
    'random',
  ]);
  const [influence, random] = [card.figures[0]!, card.figures.at(-1)!];
  expect(influence.lds).toBeGreaterThan(300_000);
  expect(influence.low).toBeGreaterThan(100_000);
  expect(influence.lds).toBeGreaterThan(random.high);
  expect(Math.abs(random.lds)).toBeLessThan(300_000);
  // From the retrainings that are kept, the same card in no time.
  const again = await makeCard({ ...options, file });
  expect({ ...again, cost: card.cost }).toEqual(card);
});

// Copies are not trained on: a card that trained on them would be of another model.
test('copies are as if they were not there', async () => {
  const file = join(folder, 'copied');
  const { base, adapter, rows, contributions } = options;
  const twice = (values: Int32Array) => Int32Array.from([...values, ...values.subarray(0, 12 * 6)]);
  const copied = { ...rows, ids: twice(rows.ids), labels: twice(rows.labels) };
  const ids = [...contributions, ...contributions.slice(0, 6).map((id) => id + 900n)];
  const store = { base, adapter, file, rows: copied, contributions: ids, batch: 8, threads: 1, dimensions: 256 };
  await extractGradients(base, { ...store, seed: 'card', settings: { adapter: '0x1' } });
  const few = { ...options, subsets: { count: 3, seeds: 1 } };
  const [plain, beside] = await Promise.all([
    makeCard(few),
    makeCard({ ...few, rows: copied, contributions: ids, gradients: await readStore(file) }),
  ]);
  expect({ ...beside, cost: plain.cost }).toEqual(plain);
});

test('what does not fit together is refused, saying what', async () => {
  const refuse = async (changes: Partial<CardOptions>, message: string) =>
    expect(makeCard({ ...options, ...changes })).rejects.toThrow(message);
  await refuse({ contributions: [1n] }, '48 rows have 1 contributions');
  await refuse(
    { contributions: options.contributions.map((id, row) => (row === 5 ? 9n : id)) },
    'Row 5 is of contribution 9',
  );
  await refuse({ queries: exampleRows(1, { subjects: 1, seed: 1 }) }, '1 queries were given');
  await refuse({ gradients: { ...options.gradients, settings: {} } as GradientStore }, 'how it was projected');
  await refuse({ subsets: { count: 10 ** 7, seeds: 1 } }, 'only 2704156 subsets of 12 of 24 units');
});
