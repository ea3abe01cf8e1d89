import { createHash } from 'node:crypto';
import type { Hex } from '@openledger/protocol';
import { explained, lasso } from './lasso.ts';
import { shapleyValues } from './shapley.ts';

/** Which of the passages the model is given. */
export type Mask = readonly boolean[];

export type PassageValues = {
  readonly method: 'shapley' | 'regression';
  /** Of a regression, how much of the variance over masks that it did not see it explains; ppm. */
  readonly fit?: number;
  /** What each passage adds, millionths of the worth's unit. */
  readonly values: readonly bigint[];
};

/** Subsets of so many passages are all tried: 256 at most. */
export const mostExact = 8;
/** Of more passages, masks that a regression is fitted to, and others that it is held against. */
const [fitted, heldOut] = [32, 8];
const price = 0.02;

/**
 * What each passage adds to what all are worth: Shapley values of up to eight, exact; of more, the weights of a LASSO over
 * random masks, with how well it foretells others. Source of the latter: Cohen-Wang et al., ContextCite, 2024.
 *
 * @param seed draws the masks: SHAKE256 of it, a bit for each passage of each mask in turn, the lowest of a byte first.
 * @param worthsOf of each mask, finite.
 */
export const passageValues = async (
  count: number,
  seed: Hex,
  worthsOf: (masks: readonly Mask[]) => Promise<ArrayLike<number>>,
): Promise<PassageValues> => {
  if (count <= mostExact) {
    const masks = Array.from({ length: 2 ** count }, (_, subset) => maskOf(count, (at) => (subset >> at) & 1));
    const values = shapleyValues(Float64Array.from(await worthsOf(masks)));
    return { method: 'shapley', values: Array.from(values, millionths) };
  }
  const masks = drawMasks(count, fitted + heldOut, seed);
  const worths = Array.from(await worthsOf(masks));
  const fit = lasso(masks.slice(0, fitted), worths.slice(0, fitted), price);
  const held = explained(fit, masks.slice(fitted), worths.slice(fitted));
  return {
    method: 'regression',
    fit: Math.max(-1_000_000, Math.floor(1e6 * held)),
    values: Array.from(fit.weights, millionths),
  };
};

const maskOf = (count: number, bit: (at: number) => number): Mask =>
  Array.from({ length: count }, (_, at) => bit(at) === 1);

const drawMasks = (count: number, masks: number, seed: Hex): readonly Mask[] => {
  const lots = createHash('shake256', { outputLength: Math.ceil((count * masks) / 8) })
    .update(Buffer.from(seed.slice(2), 'hex'))
    .update('passages')
    .digest();
  return Array.from({ length: masks }, (_, mask) =>
    maskOf(count, (at) => {
      const place = mask * count + at;
      return (lots[place >> 3]! >> (place & 7)) & 1;
    }),
  );
};

const millionths = (value: number): bigint => BigInt(Math.round(1e6 * value));
