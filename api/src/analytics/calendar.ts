import { badInput } from '../errors.ts';
import { isoTime } from '../time.ts';

/** How long a bucket is: UTC hours and days, ISO weeks from Monday, calendar months. */
export type Interval = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';

/** From its first second to the one after its last; Unix seconds. */
export type Span = { readonly start: bigint; readonly end: bigint };

/** Seconds. */
const HOUR = 3_600n;
const DAY = 86_400n;
const WEEK = 7n * DAY;
/** 1970-01-01 was a Thursday: the first Monday of Unix time came four days later. */
const FIRST_MONDAY = 4n * DAY;

/** Start of the bucket that holds a time. Unix seconds, not before 1970. */
export function startOf(interval: Interval, time: bigint): bigint {
  switch (interval) {
    case 'HOUR':
      return time - (time % HOUR);
    case 'DAY':
      return time - (time % DAY);
    case 'WEEK':
      return time - ((time + WEEK - FIRST_MONDAY) % WEEK);
    case 'MONTH':
      return monthStart(time, 0);
  }
}

/** Start of the bucket so many after the one that holds a time, or before it. */
export function shifted(interval: Interval, time: bigint, by: number): bigint {
  switch (interval) {
    case 'HOUR':
      return startOf(interval, time) + BigInt(by) * HOUR;
    case 'DAY':
      return startOf(interval, time) + BigInt(by) * DAY;
    case 'WEEK':
      return startOf(interval, time) + BigInt(by) * WEEK;
    case 'MONTH':
      return monthStart(time, by);
  }
}

function monthStart(time: bigint, by: number): bigint {
  const date = new Date(Number(time) * 1000);
  return BigInt(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + by, 1) / 1000);
}

/**
 * The buckets of a range, oldest first. The first starts at `from` and the last ends at `to`, cut where those lie inside one.
 * @throws BAD_USER_INPUT when there are more than `max`.
 */
export function bucketsBetween(interval: Interval, from: bigint, to: bigint, max: number): Span[] {
  const buckets: Span[] = [];
  for (let start = from; start < to; ) {
    if (buckets.length === max) {
      throw badInput(
        `From ${isoTime(from)} to ${isoTime(to)} there are more than ${max} buckets of one ${interval}: ask for a shorter range or a longer interval.`,
      );
    }
    const next = shifted(interval, start, 1);
    const end = next < to ? next : to;
    buckets.push({ start, end });
    start = end;
  }
  return buckets;
}
