import { createHash } from 'node:crypto';
import type { Hex } from '@openledger/db/chain';
import type { Candidate } from './candidates.ts';

/** What this process knows of a worker beyond what it says itself. */
export type Pressure = {
  /** Requests of this process that it has now. */
  readonly own: number;
  /** Whether it refused for being busy, and asked to be left alone until later. */
  readonly isResting: boolean;
};

/** From an adapter in memory to one that is still far away, and one that could not be served last time. */
const closeness: Readonly<Record<NonNullable<Candidate['adapter']>, number>> = {
  loaded: 0,
  loading: 1,
  stored: 2,
  fetching: 3,
  known: 4,
  failed: 5,
};

/** Load counts in quarters of a worker's places: less than that is no reason to leave the adapter's home. */
const STEPS = 4;

/**
 * Workers in the order in which they are asked: first those that can be paid, then those that are not overloaded, then by
 * how close the adapter is, then by load. Where all that is equal the same adapter goes to the same worker (rendezvous
 * hashing), so that each worker's memory holds others.
 *
 * @param key stands for the adapter
 */
export function inOrder(
  candidates: readonly Candidate[],
  key: string,
  pressureOf: (address: Hex) => Pressure,
): readonly Candidate[] {
  const ranked = candidates.map((candidate) => {
    const { address, adapter, requestSlots, waiting, isPaid } = candidate;
    const { own, isResting } = pressureOf(address);
    // Its figures are seconds old: what this process has there now may not be among them yet.
    const running = Math.max(candidate.running, own);
    const isOverloaded = isResting || waiting > 0 || running >= 2 * requestSlots;
    return {
      candidate,
      rank: [
        isPaid ? 0 : 1,
        isOverloaded ? 1 : 0,
        closeness[adapter ?? 'known'],
        Math.floor((STEPS * (running + waiting)) / requestSlots),
      ],
      weight: createHash('sha256').update(`${key} ${address}`).digest('hex'),
    };
  });
  return ranked
    .sort((a, b) => firstDifference(a.rank, b.rank) || (a.weight < b.weight ? -1 : 1))
    .map(({ candidate }) => candidate);
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index === -1 ? 0 : a[index]! - b[index]!;
}
