import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { adamW, zeroMoments } from '../src/factory/adamw.ts';
import { clipping, globalNorm } from '../src/factory/gradients.ts';
import { fixtures, relativeDifference } from './reference.ts';

const read = (file: string) => JSON.parse(readFileSync(`${fixtures}adamw/${file}.json`, 'utf8'));

test('six steps with a changing rate and gradients from large to tiny are those of torch.optim.AdamW', () => {
  const { betas, eps: epsilon, weight_decay: weightDecay, clip } = read('options');
  const [start, ...steps] = read('steps');
  const parameters = start.parameters.map((values: number[], i: number) => ({
    name: `${i}`,
    dims: [values.length],
    values: Float32Array.from(values),
    decays: true,
  }));
  const moments = zeroMoments(parameters);
  for (const [index, { rate, gradients: given, norm, parameters: expected }] of steps.entries()) {
    const gradients = given.map((values: number[]) => Float32Array.from(values));
    expect(globalNorm(gradients) / norm).toBeCloseTo(1, 5);
    const scale = clipping(globalNorm(gradients), clip);
    adamW(parameters, gradients, moments, { betas, epsilon, weightDecay, step: index + 1, rate, scale });
    for (const [i, { values }] of parameters.entries()) {
      expect(relativeDifference(values, expected[i]), `step ${index + 1}`).toBeLessThan(1e-6);
    }
  }
});
