import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapterFolder, modelPath, relativeDifference } from '../../../test/reference.ts';
import { ignored, padExamples } from '../../factory/index.ts';
import { readAdapter } from '../../lora/index.ts';
import { readModelFile } from '../../onnx/index.ts';
import { extractGradients, openExtractor } from './extract.ts';
import { readStore } from './store.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradients-'));
});
afterAll(() => rm(folder, { recursive: true }));

const examples = Array.from({ length: 7 }, (_, row) => ({
  ids: Array.from({ length: 4 + row }, (_, at) => 3 + ((at * at + 5 * row) % 40)),
  prompt: row % 3,
}));
const rows = padExamples(examples, { sequence: 12, separator: 0 });
const setting = async () => ({
  base: await readModelFile(modelPath('llama', 'legacy')),
  options: {
    adapter: await readAdapter(adapterFolder('llama', 'plain')),
    dimensions: 128,
    seed: 'one',
    threads: 1,
    rows,
    contributions: examples.map((_, row) => 100n + BigInt(row)),
    settings: { adapter: '0xabc' },
  },
});

test('an extraction that was stopped goes on where it was, to the same file', async () => {
  const { base, options } = await setting();
  const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
  expect(await extractGradients(base, { ...options, batch: 1, file: whole })).toBe(7);
  for (const end of [2, 5]) {
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === end && stop.abort();
    expect(await extractGradients(base, { ...options, batch: 1, file: parts, onProgress, signal: stop.signal })).toBe(
      end,
    );
  }
  const seen: number[] = [];
  await extractGradients(base, { ...options, batch: 1, file: parts, onProgress: ({ done }) => seen.push(done) });
  expect(seen).toEqual([6, 7]);
  expect(await readFile(parts)).toEqual(await readFile(whole));
  const store = await readStore(whole);
  expect(store.settings).toEqual({ adapter: '0xabc', batch: 1, dimensions: 128, seed: 'one', sequence: 12 });
  expect(Array.from({ length: 7 }, (_, row) => store.contributionOf(row))).toEqual(options.contributions);
});

test('rows have the same gradients alone and beside others; what is not learned counts for nothing', async () => {
  const { base, options } = await setting();
  const all = rows.ids.length / 12;
  const indices = Array.from({ length: all }, (_, at) => at);
  const [alone, beside] = await Promise.all(
    [1, 3].map(async (batch) => {
      const extractor = await openExtractor(base, { ...options, batch, sequence: 12 });
      const found = await extractor.gradientsOf(rows, indices);
      const nothing = { ...rows, labels: new Int32Array(rows.labels.length).fill(ignored) };
      expect((await extractor.gradientsOf(nothing, [0]))[0]!.every((value) => value === 0)).toBe(true);
      await extractor.close();
      return found;
    }),
  );
  for (const row of indices) expect(relativeDifference(beside![row]!, alone![row]!)).toBeLessThan(1e-4);
  const differ = alone!.map((gradient) => relativeDifference(gradient, alone![0]!));
  expect(differ.filter((difference) => difference > 0.1)).toHaveLength(all - 1);
});

test('rows without a contribution are refused', async () => {
  const { base, options } = await setting();
  const refused = extractGradients(base, { ...options, batch: 1, contributions: [1n], file: join(folder, 'none') });
  await expect(refused).rejects.toThrow('7 rows have 1 contributions');
});
