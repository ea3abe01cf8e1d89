import { sql } from 'drizzle-orm';
import { type AnyPgColumn, check, customType, numeric, snakeCase, text, timestamp } from 'drizzle-orm/pg-core';
import type { Hex } from '../chain/columns.ts';

/** What is not on chain: bodies, sessions, drafts, receipts. Written by our own services, through migrations only. */
export const app = snakeCase.schema('app');

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/** An address (20 bytes) or a hash (32 bytes), lower-case hex with 0x; pair it with `isAddress` or `isHash`. */
export const hex = () => text().$type<Hex>();
/** An on-chain integer of up to 256 bits: an id or wei. */
export const uint256 = () => numeric({ precision: 78, scale: 0, mode: 'bigint' });
/** A moment, to the microsecond. */
export const moment = () => timestamp({ withTimezone: true });
/** When the row was written. */
export const written = () => moment().notNull().defaultNow();

export const isHash = (name: string, column: AnyPgColumn) => check(name, sql`${column} ~ '^0x[0-9a-f]{64}$'`);
export const isAddress = (name: string, column: AnyPgColumn) => check(name, sql`${column} ~ '^0x[0-9a-f]{40}$'`);
export const isNatural = (name: string, column: AnyPgColumn) => check(name, sql`${column} >= 0`);
export const isOneOf = (name: string, column: AnyPgColumn, values: readonly string[]) =>
  check(name, sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`);
