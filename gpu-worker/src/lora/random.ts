import { createHash } from 'node:crypto';

/** Numbers from [0, 1), the same for the same seed on every machine: xoshiro128++ (Blackman and Vigna), 32 bits at a time. */
export const createRandom = (seed: string): (() => number) => {
  const digest = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readInt32LE(at)) as [number, number, number, number];
  const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  return () => {
    const result = (rotate(a + d, 7) + a) | 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return (result >>> 0) / 2 ** 32;
  };
};
