import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBuckets } from './buckets.ts';

test('nobody ever spends more than a full bucket and what has flowed in since', () => {
  const spending = fc.record({ after: fc.nat(20_000), amount: fc.nat(700) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(spending, { maxLength: 60 }), (perMinute, all) => {
      let now = 0;
      let spent = 0;
      const { take } = createBuckets(() => now);
      for (const { after, amount } of all) {
        now += after;
        const { taken, remaining, fullInMs, waitMs } = take('a', perMinute, amount);
        if (taken) spent += amount;
        expect(spent).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1e-6);
        expect(remaining).toBeGreaterThanOrEqual(0);
        expect(fullInMs).toBeLessThanOrEqual(60_000 + 1e-6);
        expect(taken).toBe(waitMs === 0);
      }
    }),
  );
});

test('whoever waits as long as told is served', () => {
  let now = 0;
  const { take } = createBuckets(() => now);
  take('a', 100, 100);
  const { taken, waitMs } = take('a', 100, 30);
  expect(taken).toBe(false);
  now += waitMs;
  expect(take('a', 100, 30).taken).toBe(true);
});

test('each caller has a bucket of its own; more than it holds can never be', () => {
  const { take } = createBuckets(() => 0);
  take('a', 10, 10);
  expect(take('b', 10, 10).taken).toBe(true);
  expect(take('c', 10, 11)).toMatchObject({ taken: false, waitMs: Number.POSITIVE_INFINITY, remaining: 10 });
});
