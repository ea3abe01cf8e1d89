import type { Parameter } from './parameter.ts';

export type AdamWOptions = {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** Times the learning rate; not for parameters that do not decay. */
  readonly weightDecay: number;
};

export const adamWDefaults: AdamWOptions = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 };

/** First and second moment of each parameter's gradient, as long as the parameter. */
export type Moments = readonly { readonly first: Float32Array; readonly second: Float32Array }[];

export const zeroMoments = (parameters: readonly Parameter[]): Moments =>
  parameters.map(({ values }) => ({ first: new Float32Array(values.length), second: new Float32Array(values.length) }));

export type AdamWStep = AdamWOptions & {
  /** Counts from 1. */
  readonly step: number;
  readonly rate: number;
  /** What every gradient is multiplied with first: one over the tokens, times what clipping leaves. */
  readonly scale: number;
};

/**
 * One step, in place. The arithmetic is that of `torch.optim.AdamW`, carried out in double precision and rounded when it
 * is stored: in JavaScript that is faster than to round after each operation, and it is closer to the true value.
 * Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", algorithm 2.
 */
export const adamW = (
  parameters: readonly Parameter[],
  gradients: readonly Float32Array[],
  moments: Moments,
  { betas: [beta1, beta2], epsilon, weightDecay, step, rate, scale }: AdamWStep,
): void => {
  const stride = rate / (1 - beta1 ** step);
  const correction = 1 / Math.sqrt(1 - beta2 ** step);
  for (const [index, { values, decays }] of parameters.entries()) {
    const { first, second } = moments[index]!;
    const kept = decays ? 1 - rate * weightDecay : 1;
    update(values, gradients[index]!, first, second, { beta1, beta2, epsilon, kept, stride, correction, scale });
  }
};

type Update = Record<'beta1' | 'beta2' | 'epsilon' | 'kept' | 'stride' | 'correction' | 'scale', number>;

const update = (
  values: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { beta1, beta2, epsilon, kept, stride, correction, scale }: Update,
): void => {
  const [new1, new2] = [1 - beta1, 1 - beta2];
  for (let i = 0; i < values.length; i++) {
    const slope = gradient[i]! * scale;
    const mean = first[i]! + (slope - first[i]!) * new1;
    const square = second[i]! * beta2 + slope * slope * new2;
    first[i] = mean;
    second[i] = square;
    values[i] = values[i]! * kept - (stride * mean) / (Math.sqrt(square) * correction + epsilon);
  }
};
