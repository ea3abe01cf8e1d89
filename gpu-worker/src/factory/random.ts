/** Four words of 32 bits: all that a generator knows. */
export type RandomState = readonly [number, number, number, number];

/**
 * Pseudo-random numbers that a seed decides, the same on every machine, and whose state can be stored and taken up again.
 * Source: Blackman and Vigna, xoshiro128**; seeded by splitmix32.
 */
export type Random = {
  /** Uniform in [0, 1), 32 bits of it. */
  next: () => number;
  /** Uniform among 0 … limit − 1. */
  below: (limit: number) => number;
  /** From the standard normal distribution, by Box and Muller. */
  normal: () => number;
  state: () => RandomState;
};

export const createRandom = (from: number | RandomState): Random => {
  let [a, b, c, d] = typeof from === 'number' ? seeded(from) : from;
  const word = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  const next = (): number => word() / 2 ** 32;
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
};

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const seeded = (seed: number): RandomState => {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return [word(), word(), word(), word()];
};
