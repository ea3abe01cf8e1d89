import type { Hex } from '@openledger/db/chain';
import { type SQL, sql } from 'drizzle-orm';
import { badInput } from '../errors.ts';
import { isoTime } from '../time.ts';
import { bucketsBetween, type Interval, type Span, shifted, startOf } from './calendar.ts';
import type { Role } from './roles.ts';

/** Buckets that one series holds at most. */
export const MAX_BUCKETS = 1000;
/** Groups that one series holds at most, and when nobody says. */
export const MAX_GROUPS = 100;
export const DEFAULT_GROUPS = 10;
/** Buckets times groups at most. */
export const MAX_POINTS = 20_000;
/** Buckets before the newest one when no `from` is given. */
const DEFAULT_BUCKETS = 30;

export type GroupBy = 'NONE' | 'DATANET' | 'MODEL' | 'ROLE' | 'ACCOUNT';

/** What a caller asks of a metric. */
export type Range = {
  readonly interval: Interval;
  readonly from?: bigint | null | undefined;
  readonly to?: bigint | null | undefined;
};
export type Narrowed = {
  readonly datanetId?: bigint | null | undefined;
  readonly modelId?: bigint | null | undefined;
  readonly account?: Hex | null | undefined;
  readonly role?: Role | null | undefined;
};

/** The buckets that are counted into, and how SQL finds the bucket of a time. */
export type Frame = {
  readonly interval: Interval;
  readonly buckets: readonly Span[];
  /** Start of the first bucket and end of the last. */
  readonly from: bigint;
  readonly to: bigint;
  /** Whether rollups of hours are needed, or those of days will do. */
  readonly grain: 'hour' | 'day';
  readonly groupBy: GroupBy;
  readonly narrowed: Narrowed;
  /** The token OPEN. */
  readonly open: Hex;
  /** Which chain rows of `app` belong to. */
  readonly genesisHash: Hex;
};

/**
 * The buckets of a range. Its ends go outwards to whole hours for HOUR, else to whole UTC days; for a metric that compares
 * buckets with those before them (`whole`), to whole buckets. What lies after the bucket of `now` is left out.
 *
 * @throws BAD_USER_INPUT for an empty range or one of too many buckets.
 */
export function bucketsOf({ interval, from, to }: Range, now: bigint, whole: boolean): Span[] {
  const unit: Interval = whole ? interval : interval === 'HOUR' ? 'HOUR' : 'DAY';
  const newest = shifted(interval, now, 1);
  if (from != null && to != null && from >= to) {
    throw badInput(`from, ${isoTime(from)}, is not before to, ${isoTime(to)}: no bucket lies between them.`);
  }
  if ((from ?? 0n) < 0n) throw badInput(`from, ${isoTime(from!)}, is before 1970: no chain is that old.`);
  const last = to == null || to > newest ? newest : to <= 0n ? 0n : shifted(unit, to - 1n, 1);
  const first = from == null ? defaultStart(interval, last) : startOf(unit, from);
  return bucketsBetween(interval, first, last, MAX_BUCKETS);
}

function defaultStart(interval: Interval, last: bigint): bigint {
  const start = last === 0n ? 0n : shifted(interval, last - 1n, 1 - DEFAULT_BUCKETS);
  return start < 0n ? 0n : start;
}

/** The number of a time's bucket, the first being 1; zero and less are those so many before it (`lookback`). */
export function bucketOf({ interval, from, buckets }: Frame, time: SQL, lookback = 0): SQL {
  const before = Array.from({ length: lookback }, (_, n) => shifted(interval, from, n - lookback));
  const starts = `{${[...before, ...buckets.map(({ start }) => start)].join(',')}}`;
  return sql`(width_bucket(${time}, ${starts}::bigint[]) - ${sql.raw(String(lookback))})`;
}

/** The buckets as a table of numbers, starts and ends; Unix seconds. */
export function bucketTable({ buckets }: Frame): SQL {
  const list = (of: (span: Span) => bigint) => `{${buckets.map(of).join(',')}}`;
  return sql`unnest(${list(({ start }) => start)}::bigint[], ${list(({ end }) => end)}::bigint[])
    with ordinality as b(starts, ends, i)`;
}

/** A column of Unix seconds within the frame, or from so many buckets before it on. */
export function within({ interval, from, to }: Frame, time: SQL, lookback = 0): SQL {
  const first = lookback === 0 ? from : shifted(interval, from, -lookback);
  return sql`${time} >= ${first.toString()}::bigint and ${time} < ${to.toString()}::bigint`;
}

/** A column of 75-digit event ids within the frame: their first ten digits are the time. */
export function eventsWithin({ from, to }: Frame, id: SQL): SQL {
  return sql`${id} >= ${from.toString().padStart(10, '0')} and ${id} < ${to.toString().padStart(10, '0')}`;
}

/** The time of a 75-digit event id. */
export function timeOf(id: SQL): SQL {
  return sql`substr(${id}, 1, 10)::bigint`;
}
