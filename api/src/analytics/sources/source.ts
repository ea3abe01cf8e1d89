import type { Hex } from '@openledger/db/chain';
import { type SQL, sql } from 'drizzle-orm';
import type { Frame } from '../frame.ts';

/**
 * Rows that a metric adds up: `i`, the number of the bucket; `g`, the group, null when there are none; `n`, the value or
 * numerator; `d`, the denominator, null for metrics that are no ratio. Rows of buckets outside the frame are ignored.
 */
export type Source = (frame: Frame) => SQL;

/** A condition when there is something to compare with, else nothing. */
export function when<T>(value: T | null | undefined, condition: (value: T) => SQL): SQL {
  return value == null ? sql`` : sql` and ${condition(value)}`;
}

export const isId = (column: SQL) => (id: bigint) => sql`${column} = ${id.toString()}::numeric`;
export const isAccount = (column: SQL) => (account: Hex) => sql`${column} = ${account}`;
