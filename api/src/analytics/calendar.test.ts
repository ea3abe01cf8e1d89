import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketsBetween, type Interval, shifted, startOf } from './calendar.ts';

const unix = (iso: string) => BigInt(Date.parse(iso) / 1000);
const iso = (time: bigint) => new Date(Number(time) * 1000).toISOString().slice(0, 19);

test.each<[Interval, string, string]>([
  ['HOUR', '2026-12-31T23:59:59Z', '2026-12-31T23:00:00'],
  ['DAY', '2027-01-01T00:00:00Z', '2027-01-01T00:00:00'],
  ['WEEK', '2027-01-03T23:59:59Z', '2026-12-28T00:00:00'],
  ['WEEK', '2027-01-04T00:00:00Z', '2027-01-04T00:00:00'],
  ['WEEK', '1970-01-05T00:00:00Z', '1970-01-05T00:00:00'],
  ['MONTH', '2028-02-29T12:00:00Z', '2028-02-01T00:00:00'],
])('the %s of %s begins at %s', (interval, time, start) => {
  expect(iso(startOf(interval, unix(time)))).toBe(start);
});

test('2026 has an ISO week 53, which ends in 2027', () => {
  const weeks = bucketsBetween('WEEK', unix('2026-12-21T00:00:00Z'), unix('2027-01-11T00:00:00Z'), 10);
  expect(weeks.map(({ start, end }) => [iso(start), iso(end)])).toEqual([
    ['2026-12-21T00:00:00', '2026-12-28T00:00:00'],
    ['2026-12-28T00:00:00', '2027-01-04T00:00:00'],
    ['2027-01-04T00:00:00', '2027-01-11T00:00:00'],
  ]);
});

test('months are as long as the calendar says, across a year and a leap February', () => {
  const months = bucketsBetween('MONTH', unix('2027-12-10T00:00:00Z'), unix('2028-03-02T00:00:00Z'), 10);
  expect(months.map(({ start, end }) => (end - start) / 86_400n)).toEqual([22n, 31n, 29n, 1n]);
});

test('buckets leave no gap, overlap nowhere, and hold their own start, wherever a range lies', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Interval>('HOUR', 'DAY', 'WEEK', 'MONTH'),
      fc.bigInt({ min: 0n, max: 4_102_444_800n }),
      fc.nat({ max: 30 }),
      (interval, from, count) => {
        const to = shifted(interval, from, count);
        const buckets = bucketsBetween(interval, from, to, 40);
        let at = from;
        for (const { start, end } of buckets) {
          expect(start).toBe(at);
          expect(startOf(interval, end - 1n)).toBe(startOf(interval, start));
          at = end;
        }
        expect(at).toBe(buckets.length === 0 ? from : to);
      },
    ),
  );
});

test('too many buckets are refused with what would be right', () => {
  expect(() => bucketsBetween('HOUR', 0n, 3600n * 5n, 4)).toThrow(
    'there are more than 4 buckets of one HOUR: ask for a shorter range or a longer interval.',
  );
});
