import type { Random } from '@openledger/gpu-worker/factory';

// Distributions that S-LoRA's workloads are drawn from.

/** From the gamma distribution of this shape and scale 1. Source: Marsaglia and Tsang, A simple method for generating gamma variables, 2000. */
export const gamma = (random: Random, shape: number): number => {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
};

/** Between two arrivals, in seconds: 1 / rate in the mean; the coefficient of variation `cv` is 1 where arrivals are independent. */
export const gap = (random: Random, { rate, cv }: { readonly rate: number; readonly cv: number }): number =>
  (gamma(random, 1 / cv ** 2) * cv ** 2) / rate;

/**
 * One of `count`, by S-LoRA's power law: each equally often where alpha is 1, and the smaller alpha the more often the
 * first ones. Source: S-LoRA's generator, floor(count · numpy.random.power(alpha)).
 */
export const popular = (random: Random, count: number, alpha: number): number =>
  Math.min(count - 1, Math.floor(count * random.next() ** (1 / alpha)));
