import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Model } from '../onnx/index.ts';
import { executionOrder } from './execution.ts';
import { layered } from './layered.fixture.ts';
import { peakActivations } from './memory.ts';
import { asInputs } from './parameter.ts';
import { stepGraph } from './step.ts';

const graphOf = ({ layers, batch }: { layers: number; batch: number }): Model => {
  const { model, names } = layered(layers, 64);
  return stepGraph(asInputs(model, names).model, names, { batch, sequence: 32 });
};

test('the gradients of all weights are made on the way back, not kept for the end', () => {
  const order = executionOrder(graphOf({ layers: 6, batch: 4 }).graph).flatMap(({ outputs }) => outputs);
  const places = [5, 4, 3, 2, 1, 0].map((layer) => order.indexOf(`w${layer}_grad`));
  expect(places.every((place, i) => place > 0 && (i === 0 || place > places[i - 1]!))).toBe(true);
  expect(places[0]).toBeLessThan(order.length * 0.8);
  // The half of the embeddings' gradient that comes from the head does not wait for the half from the beginning.
  expect(order.findIndex((value) => value.endsWith('/probe'))).toBeLessThan(places[0]!);
});

test('what is kept for the way back grows with the layers and the batch', () => {
  const peaks = [
    { layers: 4, batch: 4 },
    { layers: 8, batch: 4 },
    { layers: 4, batch: 8 },
  ].map((sizes) => peakActivations(graphOf(sizes)));
  const tensor = 4 * 32 * 64 * 4;
  const kept = (peaks[1]! - peaks[0]!) / 4 / tensor;
  expect(kept).toBeGreaterThanOrEqual(1);
  expect(kept).toBeLessThan(2);
  expect(peaks[2]! / peaks[0]!).toBeGreaterThan(1.8);
});

test('a training takes about as much memory as was predicted', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'memory.fixture.ts')]);
  const { predicted, measured } = JSON.parse(stdout);
  expect(predicted / measured).toBeGreaterThan(0.6);
  expect(predicted / measured).toBeLessThan(1.6);
}, 120_000);
