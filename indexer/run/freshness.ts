import type { BlockRef } from './chain.ts';

/** What a chain's head was, and when. */
export type Sighting = { readonly block: bigint /** `Date.now()`. */; readonly at: number };

/** How fresh what is known of a chain's head is, and what is indexed of it. */
export type Freshness = {
  saw: (head: BlockRef) => void;
  /** The newest head; undefined before any node answered. */
  last: () => Sighting | undefined;
  /** The newest head that was seen at least so many milliseconds ago: what should be indexed by now. */
  due: (age: number) => Sighting | undefined;
};

/** Sightings are kept for two minutes. */
const kept = 120_000;

export const createFreshness = (now: () => number = Date.now): Freshness => {
  let sightings: Sighting[] = [];
  return {
    saw: ({ number }) => {
      const at = now();
      sightings = [...sightings.filter((sighting) => at - sighting.at < kept), { block: number, at }];
    },
    last: () => sightings.at(-1),
    due: (age) => sightings.findLast(({ at }) => now() - at >= age),
  };
};
