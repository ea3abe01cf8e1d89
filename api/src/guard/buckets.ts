import { LRUCache } from 'lru-cache';

/** Callers that are remembered; the one not seen for longest is forgotten, and begins with a full bucket again. */
const CALLERS = 50_000;
const MINUTE_MS = 60_000;

export type Taken = {
  readonly taken: boolean;
  /** What is left, in whole units. */
  readonly remaining: number;
  /** Milliseconds until the bucket is full again. */
  readonly fullInMs: number;
  /** Milliseconds until what was asked for is there; 0 when it was taken, Infinity when it never will be. */
  readonly waitMs: number;
};

export type Buckets = {
  /** Takes `amount` from a caller's bucket if it is there; 0 only looks. */
  readonly take: (key: string, perMinute: number, amount: number) => Taken;
};

/**
 * Token buckets, one for each caller: it holds what may be spent in a minute, and fills evenly. They live in this process:
 * several API processes give each their own.
 * @param now milliseconds, never going back
 */
export function createBuckets(now: () => number = () => performance.now()): Buckets {
  const buckets = new LRUCache<string, { level: number; at: number }>({ max: CALLERS });
  return {
    take(key, perMinute, amount) {
      const at = now();
      const bucket = buckets.get(key) ?? { level: perMinute, at };
      const perMs = perMinute / MINUTE_MS;
      const level = Math.min(perMinute, bucket.level + (at - bucket.at) * perMs);
      const taken = amount <= level;
      bucket.level = taken ? level - amount : level;
      bucket.at = at;
      buckets.set(key, bucket);
      return {
        taken,
        remaining: Math.floor(bucket.level),
        fullInMs: (perMinute - bucket.level) / perMs,
        waitMs: taken ? 0 : amount > perMinute ? Number.POSITIVE_INFINITY : (amount - level) / perMs,
      };
    },
  };
}
