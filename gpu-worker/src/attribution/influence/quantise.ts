import { InfluenceError } from './errors.ts';

/**
 * To integers of at most ±`most`, times the smallest power of two that they fit with; to the nearest, halves upwards. Zeros have the
 * exponent 0. Dividing by a power of two is exact, so every machine finds the same integers.
 *
 * @throws InfluenceError for a number that is not finite, or beyond 2^127.
 */
export const quantise = <Values extends Int8Array | Int16Array>(
  numbers: ArrayLike<number>,
  most: number,
  into: Values,
): { values: Values; exponent: number } => {
  let largest = 0;
  for (let at = 0; at < numbers.length; at++) {
    const size = Math.abs(numbers[at]!);
    if (!Number.isFinite(size)) throw new InfluenceError(`Number ${at} of ${numbers.length} is ${numbers[at]}`);
    if (size > largest) largest = size;
  }
  if (largest === 0) {
    into.fill(0);
    return { values: into, exponent: 0 };
  }
  // The logarithm is only where the search begins.
  let exponent = Math.max(-128, Math.ceil(Math.log2(largest / most)) - 1);
  while (Math.round(largest / 2 ** exponent) > most || Math.round(-largest / 2 ** exponent) < -most) exponent++;
  while (exponent > -128 && Math.round(largest / 2 ** (exponent - 1)) <= most) exponent--;
  if (exponent > 127) throw new InfluenceError(`${largest} is too large for an exponent of 8 bits`);
  const step = 2 ** exponent;
  for (let at = 0; at < numbers.length; at++) into[at] = Math.round(numbers[at]! / step);
  return { values: into, exponent };
};
