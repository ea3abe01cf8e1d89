import type { Hex } from './call.ts';

/** A deterministic source of choices: the same seed gives the same sequence on every machine. */
export type Random = {
  /** A whole number in [0, below). */
  below(below: number): number;
  /** A whole number in [least, most]. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of `items`, each as likely as its weight says. */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T;
  /** An amount in [least, most]; both ends come up far more often than chance would have it. */
  amount(least: bigint, most: bigint): bigint;
  bytes32(): Hex;
};

/** Bob Jenkins' small fast counting generator (sfc32), seeded from one 32-bit number. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [0, seed >>> 0, 0x9e3779b9, 1];
  const next = (): number => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + result) >>> 0;
    return result;
  };
  for (let round = 0; round < 16; round++) next();

  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  const bytes32 = (): Hex =>
    `0x${Array.from({ length: 8 }, () => next().toString(16).padStart(8, '0')).join('')}` as const;

  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => next() / 2 ** 32 < probability,
    pick: (items) => items[below(items.length)]!,
    weighted(items) {
      let rest = below(items.reduce((sum, item) => sum + item.weight, 0));
      for (const item of items) {
        rest -= item.weight;
        if (rest < 0) return item;
      }
      return items[items.length - 1]!;
    },
    amount(least, most) {
      if (most <= least) return least;
      const kind = below(12);
      if (kind === 0) return least;
      if (kind === 1) return most;
      return least + (BigInt(bytes32()) % (most - least + 1n));
    },
    bytes32,
  };
}
