import { expect, test } from 'vitest';
import { adamW, adamWDefaults, zeroMoments } from './adamw.ts';
import { clipping, globalNorm } from './gradients.ts';
import { learningRate } from './schedule.ts';

test('three clipped steps are those of torch.optim.AdamW, decay for the matrix and none for the bias', () => {
  const parameters = [
    { name: 'w', dims: [2, 3], values: Float32Array.of(0.5, -1.25, 2, 0.125, 3, -0.75), decays: true },
    { name: 'b', dims: [2], values: Float32Array.of(0.25, -0.5), decays: false },
  ];
  const moments = zeroMoments(parameters);
  for (const step of [1, 2, 3]) {
    const gradients = [
      Float32Array.of(0.1 * step, -0.2, 0, 1e-4, -3 * step, 1.5 - step),
      Float32Array.of(1e-9, 1.7 - step),
    ];
    const scale = clipping(globalNorm(gradients), 2);
    adamW(parameters, gradients, moments, {
      ...adamWDefaults,
      betas: [0.9, 0.95],
      weightDecay: 0.1,
      step,
      rate: 0.01 * step,
      scale,
    });
  }
  // torch 2.13.0, with clip_grad_norm_(…, 2), lr 0.01, 0.02, 0.03, betas (0.9, 0.95), weight_decay 0.1 and 0.
  const expected = [
    [
      0.4371035695075989, -1.1869570016860962, 1.9880220890045166, 0.06870627403259277, 3.0419349670410156,
      -0.7520104050636292,
    ],
    [0.2473941445350647, -0.5196440815925598],
  ];
  for (const [at, { values }] of parameters.entries()) {
    for (const [i, value] of values.entries()) expect(Math.abs(value - expected[at]![i]!)).toBeLessThan(2e-7);
  }
});

test('the learning rate is that of the schedulers of transformers, and does not fall below its floor', () => {
  const rates = (decay: 'cosine' | 'linear', floor: number): number[] =>
    Array.from({ length: 10 }, (_, i) => learningRate({ peak: 1, warmup: 4, steps: 10, decay, floor }, i + 1));
  const rounded = (values: number[]): number[] => values.map((value) => Math.round(value * 1e6) / 1e6);
  expect(rounded(rates('cosine', 0))).toEqual([0.25, 0.5, 0.75, 1, 0.933013, 0.75, 0.5, 0.25, 0.066987, 0]);
  expect(rounded(rates('linear', 0))).toEqual([0.25, 0.5, 0.75, 1, 0.833333, 0.666667, 0.5, 0.333333, 0.166667, 0]);
  expect(rates('cosine', 0.1).at(-1)).toBeCloseTo(0.1);
});
