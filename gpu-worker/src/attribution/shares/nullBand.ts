import type { Algorithm } from '@openledger/protocol/attribution';
import { nearestRank } from './nearestRank.ts';

/**
 * What chance alone may give a row: the score that `nullQuantile` of the foreign rows do not pass, by nearest rank, or that the row itself
 * has with so many foreign answers where that is more, and at least 0; times √(nullGrowth · ⌈log₂(rows + 1)⌉), at least 1. So whoever
 * adds rows by the thousand raises the band with them, and rows that are near to everything have one of their own.
 *
 * @param foreign scores of the foreign rows
 * @param rows of contributions, copies left out
 * @returns for a row's hub score its band, rounded down
 */
export const nullBandOf = (
  foreign: ArrayLike<number>,
  rows: number,
  { nullQuantile, nullGrowth }: Pick<Algorithm['influence'], 'nullQuantile' | 'nullGrowth'>,
): ((hub: number) => number) => {
  const least = Math.max(0, nearestRank(Float64Array.from(foreign), nullQuantile));
  const growth = BigInt(nullGrowth) * BigInt(rows.toString(2).length);
  const grown = (score: number): number =>
    growth > million ? Number(squareRoot((BigInt(score) ** 2n * growth) / million)) : score;
  const band = grown(least);
  return (hub) => (hub > least ? grown(hub) : band);
};

const million = 1_000_000n;

/** Rounded down. The floating square root is off by one at most, below 2^64. */
const squareRoot = (value: bigint): bigint => {
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  while (root * root > value) root--;
  while ((root + 1n) * (root + 1n) <= value) root++;
  return root;
};
