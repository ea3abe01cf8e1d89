import { createHash } from 'node:crypto';

/** Chance that can be had again: the same name throws the same numbers. */
export type Dice = {
  /** From 0 up to, and without, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<item>(items: readonly item[]): item;
  chance(probability: number): boolean;
};

/**
 * @param name whatever the numbers shall follow from, such as a seed and what they are for.
 * @example createDice('plan of 7').between(1, 25)
 */
export function createDice(name: string): Dice {
  let state = createHash('sha256').update(name).digest().readUInt32LE();
  // Mulberry32: 32 bits of state are plenty for what one schedule throws.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    pick: (items) => {
      const picked = items[between(0, items.length - 1)];
      if (picked === undefined) throw new Error('Nothing to pick from.');
      return picked;
    },
    chance: (probability) => next() < probability,
  };
}
