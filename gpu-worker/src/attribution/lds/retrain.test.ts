import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluate, type Rows, trainAdapter } from '../../factory/index.ts';
import { exampleBase, exampleRecipe, exampleRows } from './example.fixture.ts';
import { retrainSubsets } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retrainings-'));
});
afterAll(() => rm(folder, { recursive: true }));

const rows = exampleRows(20, { subjects: 5, seed: 1 });
const queries = exampleRows(5, { subjects: 5, seed: 2 });
const subsets = [
  [0, 3, 4, 7, 9, 11, 12, 16, 17, 19],
  [1, 2, 4, 5, 6, 8, 10, 13, 14, 15],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
];
const recipe = { ...exampleRecipe, accumulate: 2, clip: 0.5, optimizer: { weightDecay: 0.1 } };

const some = ({ sequence, ids, labels }: Rows, indices: readonly number[]): Rows => {
  const of = (values: Int32Array) =>
    Int32Array.from(indices.flatMap((row) => [...values.slice(row * sequence, (row + 1) * sequence)]));
  return { sequence, ids: of(ids), labels: of(labels) };
};

// If retraining were not the training, figures would be of another model than the one that is paid for.
test('a subset is trained on as the trainer does on these rows alone', async () => {
  const base = await exampleBase();
  const losses = await retrainSubsets(base, { recipe, rows, queries, subsets, seeds: 1 });
  for (const [subset, indices] of subsets.entries()) {
    const { model, parameters } = await trainAdapter({ ...recipe, base, data: some(rows, indices) });
    for (const query of [0, 4]) {
      const alone = await evaluate(model, { rows: some(queries, [query]), batch: 1, threads: 1, parameters });
      expect(losses[query]![subset]).toBeCloseTo(alone.loss, 4);
    }
  }
});

test('seeds are averaged, and what was stopped goes on where it was, to the same losses', async () => {
  const base = await exampleBase();
  const options = { recipe, rows, queries, subsets };
  const whole = await retrainSubsets(base, { ...options, seeds: 2 });
  const [first, second] = await Promise.all(
    [recipe.seed, recipe.seed + 1].map((seed) =>
      retrainSubsets(base, { ...options, recipe: { ...recipe, seed }, seeds: 1 }),
    ),
  );
  for (const [query, losses] of whole.entries()) {
    for (const [subset, loss] of losses.entries()) {
      expect(loss).toBe((first![query]![subset]! + second![query]![subset]!) / 2);
    }
  }
  const file = join(folder, 'stopped.jsonl');
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => done === 4 && stop.abort();
  await expect(
    retrainSubsets(base, { ...options, seeds: 2, file, onProgress, signal: stop.signal }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  await appendFile(file, '{"subset":1,"seed":4,"los');
  const done: number[] = [];
  expect(
    await retrainSubsets(base, { ...options, seeds: 2, file, onProgress: (progress) => done.push(progress.done) }),
  ).toEqual(whole);
  expect(done).toEqual([5, 6]);
  expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(8);
  await expect(retrainSubsets(base, { ...options, seeds: 3, file })).rejects.toThrow('other rows, options or weights');
});

test('an empty subset is refused', async () => {
  const refused = retrainSubsets(await exampleBase(), { recipe, rows, queries, subsets: [[0], []], seeds: 1 });
  await expect(refused).rejects.toThrow('Subset 1 has no rows');
});
