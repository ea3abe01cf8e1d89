import { join, resolve } from 'node:path';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import { createRandom, evaluate, type Rows } from '@openledger/gpu-worker/factory';
import { type Decoder, layOut, openFusedDecoder } from '@openledger/gpu-worker/serving/onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attention8, makeAdapter } from './adapters.ts';
import { gap, popular } from './draw.ts';
import { merge, openMergedDecoder } from './merged.ts';
import { mean, percentile } from './spread.ts';
import { createWorkload, usual } from './workload.ts';

// A workload that is drawn wrongly, or a rival that computes something else, would make every figure mean something else.

describe('the distributions that workloads are drawn from', () => {
  it.each([0.5, 1, 3])('leave gaps with the mean and the variation that were asked for, %d', (cv) => {
    const random = createRandom(7);
    const gaps = Array.from({ length: 100_000 }, () => gap(random, { rate: 4, cv }));
    const deviation = Math.sqrt(mean(gaps.map((value) => (value - 0.25) ** 2)));
    expect(mean(gaps)).toBeCloseTo(0.25, 2);
    expect(deviation / 0.25 / cv).toBeCloseTo(1, 1);
  });

  it('ask each adapter equally often with alpha 1, and the first tenth for half of the requests with alpha 0.3', () => {
    const random = createRandom(8);
    const share = (alpha: number) =>
      mean(Array.from({ length: 50_000 }, () => (popular(random, 1_000, alpha) < 100 ? 1 : 0)));
    expect(share(1)).toBeCloseTo(0.1, 2);
    expect(share(0.3)).toBeCloseTo(0.1 ** 0.3, 2);
  });

  it('give percentiles that are values', () => {
    expect([0, 0.5, 0.9, 1].map((part) => percentile([4, 1, 3, 2], part))).toEqual([1, 2, 4, 4]);
  });
});

const source = { tokens: Array.from({ length: 5_000 }, (_, at) => 3 + (at % 4_000)), begin: 0 };
const options = { ...usual, seed: 3, requests: 300, adapters: 1_000, rate: 2, context: 512 };

it('a workload is the same each time, fits the context, and differs in the adapters alone when their number does', () => {
  const workload = createWorkload(source, options);
  expect(createWorkload(source, options)).toEqual(workload);
  const others = createWorkload(source, { ...options, adapters: 1 });
  expect(others).toEqual(workload.map((asked) => ({ ...asked, adapter: 0 })));
  for (const { prompt, answer } of workload) {
    expect(prompt.length + answer).toBeLessThanOrEqual(512);
    expect(Math.min(prompt.length, answer)).toBeGreaterThanOrEqual(8);
    expect(prompt[0]).toBe(0);
  }
  expect(new Set(workload.map(({ adapter }) => adapter)).size).toBeGreaterThan(200);
  expect(workload.at(-1)!.at).toBeGreaterThan(100);
});

describe('adapters for the shipped base', async () => {
  const base = await readBase(join(resolve(import.meta.dirname, '../../../..'), 'gpu-worker/base'));
  const adapters = [0, 1, 2].map((number) => makeAdapter(base, attention8, number));
  const text = base.tokenizer.encode(
    'Each function of this module reads a file and returns what it found there as a list of lines.',
  );
  let rows: Decoder;
  let merged: Decoder;
  beforeAll(async () => {
    rows = await openFusedDecoder(base, { rows: 4, rank: 8, threads: 1 });
    merged = await openMergedDecoder(base, adapters, { rows: 4, threads: 1 });
  });
  afterAll(async () => {
    await rows.close();
    await merged.close();
  });

  it('leave text to be text, and write another one each', async () => {
    const ids = Int32Array.from(text);
    const loss = async (weights: typeof base.weights) => {
      const data: Rows = { sequence: ids.length, ids, labels: ids };
      const found = await evaluate(trainingModel(base.config, weights), {
        rows: data,
        ...{ batch: 1, threads: 1, parameters: [] },
      });
      return found.perToken;
    };
    const [bare, ...adapted] = [
      await loss(base.weights),
      ...(await Promise.all(adapters.map((adapter) => loss(merge(base.weights, adapter))))),
    ];
    expect(new Set([bare, ...adapted]).size).toBe(4);
    for (const other of adapted) expect(Math.abs(other - bare!)).toBeLessThan(1);
  });

  it('compute the same in rows and merged into weights, whatever shares the batch, rows moved too', async () => {
    for (const [row, adapter] of [0, 1, 2, 1].entries()) {
      rows.begin(row, layOut(adapters[adapter]!, rows.layout));
      merged.begin(row, Float32Array.of(adapter));
    }
    const both = async (extensions: Parameters<Decoder['run']>[0]) => {
      const [left, right] = [(await rows.run(extensions)).slice(), await merged.run(extensions)];
      expect(Math.max(...left.map((value, at) => Math.abs(value - right[at]!)))).toBeLessThan(2e-3);
    };
    for (const row of [0, 1, 2, 3]) await both([{ row, tokens: text.slice(0, 5 + row) }]);
    await both([0, 1, 2, 3].map((row) => ({ row, tokens: [text[6]!] })));
    for (const decoder of [rows, merged]) {
      decoder.truncate(0, 0);
      decoder.copy(3, 0);
      decoder.truncate(3, 0);
    }
    await both([0, 1].map((row) => ({ row, tokens: [text[7]!] })));
    expect([0, 1, 2, 3].map(merged.lengthOf)).toEqual([0, 1, 2, 3].map(rows.lengthOf));
  });
});
