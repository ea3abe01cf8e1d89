import type { Caller } from '../identity/caller.ts';

/** Rows of one export at most, by who asks for it. */
export const rowLimits: Readonly<Record<Caller['kind'], number>> = {
  anonymous: 100_000,
  session: 1_000_000,
  key: 5_000_000,
};

/** Exports under way at once in this process: each holds a connection, and a state of the database. */
export const MAX_EXPORTS = 4;
/** Of them those of one caller at most. */
export const MAX_OWN_EXPORTS = 2;
/** Query cost of an export, and of so many rows in it one more: a row of a page costs ten times as much or more. */
export const COST = 100;
export const ROWS_PER_COST = 10;
/** Whoever finds no room waits this long for some. */
export const WAIT_MS = 2_000;
/** A download whose client takes nothing for so long is ended. */
export const STALL_MS = 60_000;
