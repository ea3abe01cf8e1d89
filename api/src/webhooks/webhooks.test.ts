import { SealError, seal, unseal } from '@openledger/db';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterFromJson, filterToJson } from './payload.ts';
import { backoff, MAX_ATTEMPTS, pause } from './retries.ts';
import { retryAfter } from './send.ts';

test('a message is tried for a day, twice as late each time, and never at once for many', () => {
  const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, n) => backoff(n + 1, null, 0.5));
  expect(waits.slice(0, 4)).toEqual([5000, 10_000, 20_000, 40_000]);
  const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(30);
  expect([backoff(3, null, 0), backoff(3, null, 1)]).toEqual([15_000, 25_000]);
  expect(backoff(1, 60_000)).toBe(60_000);
  expect(backoff(1, 10 ** 12)).toBe(86_400_000);
  expect([pause(1, null), pause(20, null)]).toEqual([1000, 300_000]);
});

test('Retry-After is seconds or a date, or nothing that can be read', () => {
  expect(retryAfter('120')).toBe(120_000);
  expect(retryAfter(new Date(Date.now() + 60_000).toUTCString())! / 1000).toBeCloseTo(60, -1);
  expect([retryAfter('soon'), retryAfter(undefined), retryAfter('Thu, 01 Jan 1970 00:00:00 GMT')]).toEqual([
    null,
    null,
    0,
  ]);
});

test('what is sealed opens for its purpose alone, and not once it was altered', () => {
  const key = new Uint8Array(32).fill(7);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (plain, place) => {
      const sealed = seal(key, plain, 'it');
      expect(Buffer.from(unseal(key, sealed, 'it'))).toEqual(Buffer.from(plain));
      expect(() => unseal(key, sealed, 'another')).toThrow(SealError);
      expect(() => unseal(new Uint8Array(32), sealed, 'it')).toThrow(SealError);
      const altered = Uint8Array.from(sealed);
      altered[place % altered.length]! ^= 1;
      expect(() => unseal(key, altered, 'it')).toThrow(SealError);
    }),
  );
});

test('a filter is kept with its integers', () => {
  const filter = {
    and: [{ block: { gt: 2n ** 62n } }, { not: { event: { in: ['A'] } } }],
    actorAddress: { eq: '0x1' },
  };
  expect(filterFromJson(JSON.parse(JSON.stringify(filterToJson(filter))))).toEqual(filter);
});
