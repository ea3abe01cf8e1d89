import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { feedsOf, relativeDifference, run } from '../../../../test/reference.ts';
import { readBase } from '../../../base/index.ts';
import { wholeAdapter } from '../layout.ts';
import { openOn } from '../providers/index.ts';
import { float32, int64 } from '../tensors.ts';
import { openPastDecoder } from './index.ts';

// The shipped base as an export with past, in texts long enough for keys and values to move.

const { model, config } = await readBase(fileURLToPath(new URL('../../../../base', import.meta.url)));
const capacity = config.max_position_embeddings;
const openBase = (rank: number) =>
  openPastDecoder({ model, capacity, rows: 3, rank, open: openOn({ provider: 'cpu', threads: 1 }) });
const text = Array.from({ length: capacity }, (_, at) => (at * 37 + 11) % 4_000);

test('a text that fills the context, read in chunks, gives what a run of the whole gives', async () => {
  const decoder = await openBase(0);
  const feeds = {
    input_ids: int64([1, capacity], text),
    attention_mask: int64(
      [1, capacity],
      text.map(() => 1),
    ),
    position_ids: int64([1, capacity], [...text.keys()]),
  };
  const empty = { ...feedsOf(model, new Map()) };
  for (const name of Object.keys(empty)) empty[name] = float32([1, 4, 0, 64], new Float32Array(0));
  const { logits } = await run(model, { ...feeds, ...empty });
  const expectedAt = (at: number) =>
    (logits!.data as Float32Array).subarray(at * config.vocab_size, (at + 1) * config.vocab_size);
  decoder.begin(1, undefined);
  for (let at = 0; at < 448; at += 64) {
    const read = await decoder.run([{ row: 1, tokens: text.slice(at, at + 64) }]);
    expect(relativeDifference(read, expectedAt(at + 63))).toBeLessThan(1e-4);
  }
  // One row goes on by itself, the other has the rest at once.
  decoder.copy(1, 2);
  expect(relativeDifference(await decoder.run([{ row: 2, tokens: text.slice(448) }]), expectedAt(511))).toBeLessThan(
    1e-4,
  );
  for (let at = 448; at < capacity; at++) {
    const read = await decoder.run([{ row: 1, tokens: [text[at]!] }]);
    if (at % 16 === 15) expect(relativeDifference(read, expectedAt(at)), `at ${at}`).toBeLessThan(1e-4);
  }
  await expect(decoder.run([{ row: 1, tokens: [1] }])).rejects.toThrow('Row 1 would have 513 tokens; 512 are its most');
  await decoder.close();
});

test('a row is copied, cut short and goes on as if it had never been longer', async () => {
  const decoder = await openBase(2);
  const adapter = wholeAdapter(decoder.layout, (at) => Math.cos(at) / 50);
  decoder.begin(0, adapter);
  decoder.begin(1, adapter);
  await decoder.run([{ row: 0, tokens: text.slice(0, 70) }]);
  await decoder.run([{ row: 1, tokens: text.slice(0, 50) }]);
  decoder.copy(0, 2);
  decoder.truncate(2, 50);
  expect([0, 1, 2].map(decoder.lengthOf)).toEqual([70, 50, 50]);
  const logits = await decoder.run([
    { row: 1, tokens: [9] },
    { row: 2, tokens: [9] },
  ]);
  const [one, two] = [logits.slice(0, config.vocab_size), logits.slice(config.vocab_size)];
  expect(relativeDifference(two, one)).toBeLessThan(1e-5);
  await decoder.close();
});

test('of rank 0, it has no adapters', async () => {
  const decoder = await openBase(0);
  expect(decoder.layout).toEqual({ rank: 0, modules: [], size: 0 });
  await decoder.close();
});
test('what a row computes is bit for bit the same alone and beside rows of other lengths and adapters', async () => {
  const decoder = await openPastDecoder({
    model,
    ...{ capacity, rows: 6, rank: 4 },
    open: openOn({ provider: 'cpu', threads: 2 }),
  });
  const tokens = (row: number, length: number) => Array.from({ length }, (_, at) => (at * 37 + row * 101) % 4_000);
  const adapters = [1, 2, 3, 4, 5, 6].map((seed) => wholeAdapter(decoder.layout, (at) => Math.sin(at * seed) / 50));
  const prompts = [3, 62, 130, 61, 250, 9].map((length, row) => tokens(row, length));
  const write = async (rows: readonly number[]) => {
    const written = new Map<number, Float32Array[]>();
    for (const row of rows) {
      decoder.begin(row, row === 0 ? undefined : adapters[row]);
      written.set(row, [(await decoder.run([{ row, tokens: prompts[row]! }])).slice()]);
    }
    for (let step = 0; step < 8; step++) {
      const logits = await decoder.run(rows.map((row) => ({ row, tokens: [step * 7 + row] })));
      for (const [index, row] of rows.entries()) {
        written.get(row)!.push(logits.slice(index * config.vocab_size, (index + 1) * config.vocab_size));
      }
    }
    return written;
  };
  const together = await write([0, 1, 2, 3, 4, 5]);
  for (const row of [0, 1, 2, 3, 4, 5]) {
    const alone = await write([row]);
    expect(
      together
        .get(row)!
        .every(
          (logits, step) =>
            Buffer.compare(Buffer.from(logits.buffer), Buffer.from(alone.get(row)![step]!.buffer)) === 0,
        ),
      `row ${row}`,
    ).toBe(true);
  }
  await decoder.close();
});
