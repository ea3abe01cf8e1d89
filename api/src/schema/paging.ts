import { decodeBase64, decodeCursorChunk } from '@pothos/core';
import type { Column } from 'drizzle-orm';
import { badInput } from '../errors.ts';
import { MAX_PAGE } from './builder.ts';

export type PageArgs = {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
};

/**
 * Refuses page sizes and cursors that cannot be served, saying what can be. `columns` are those of the order, so that a cursor
 * of another list or order is noticed rather than read as a position it is not.
 */
export function checkPage(place: string, args: PageArgs, columns: readonly Column[]): void {
  const { first, last, after, before } = args;
  if (first != null && last != null)
    throw badInput(`${place}: first and last cannot be given together: choose one end.`);
  for (const [name, size] of [['first', first] as const, ['last', last] as const]) {
    if (size == null) continue;
    if (size < 0) throw badInput(`${place}: ${name} is ${size}: expected 0 to ${MAX_PAGE}.`);
    if (size > MAX_PAGE) {
      throw badInput(
        `${place}: ${name} is ${size}, over the maximum of ${MAX_PAGE} rows a page: continue with after or before.`,
      );
    }
  }
  if (after != null) checkCursor(`${place}: after`, after, columns);
  if (before != null) checkCursor(`${place}: before`, before, columns);
}

function checkCursor(name: string, cursor: string, columns: readonly Column[]): void {
  let values: unknown[];
  try {
    const decoded = decodeBase64(cursor);
    if (!decoded.startsWith('DC:')) throw new Error('not a cursor');
    const parsed: unknown = decodeCursorChunk(decoded.slice(3));
    values = Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    throw badInput(`${name} is not a cursor: take it from edges.cursor or pageInfo of the same list.`);
  }
  const fits = values.length === columns.length && columns.every((column, index) => isValueOf(column, values[index]));
  if (!fits) throw badInput(`${name} is a cursor of another list or order: take it from this one.`);
}

function isValueOf(column: Column, value: unknown): boolean {
  if (column.dataType.startsWith('bigint')) {
    return typeof value === 'bigint' && (column.getSQLType() !== 'bigint' || BigInt.asIntN(64, value) === value);
  }
  if (column.dataType.startsWith('number')) return Number.isSafeInteger(value) && ((value as number) | 0) === value;
  if (column.dataType === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string' && !value.includes('\0');
}
