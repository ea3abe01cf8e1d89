import { chainTables } from '@openledger/db/chain';
import { type Column, getColumns } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { entityOf } from '../schema/entity.ts';
import type { TableName } from '../schema/orders.ts';
import { isoTime } from '../time.ts';

/** A cell as the database gives it: integers beyond 32 bits as digits, JSON as text. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * What a column holds. `uint256`: digits of any length; `int64`: digits that fit; `time`: Unix seconds as digits, shown as
 * ISO 8601 in UTC; `decimal`: digits with a point and a sign perhaps.
 */
export type Kind = 'text' | 'uint256' | 'int64' | 'int32' | 'time' | 'boolean' | 'json' | 'decimal';
export type ExportColumn = {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly description: string;
};
/** With where it stands in its table. */
export type TableColumn = ExportColumn & { readonly key: string; readonly select: string };

/** The columns of a table as the GraphQL API names and describes them. */
export function columnsOf(table: TableName): TableColumn[] {
  const columns: Readonly<Record<string, Column>> = getColumns(chainTables[table] as PgTable);
  return Object.entries(entityOf(table).specs).map(([key, spec]) => {
    const column = columns[key]!;
    const kind = spec.kind === 'DateTime' ? 'time' : kindOf(column.getSQLType());
    const quoted = `"${column.name}"`;
    const shown = spec.zeroIsNull ? `nullif(${quoted}, 0)` : quoted;
    return {
      key,
      name: spec.as ?? key,
      kind,
      nullable: !column.notNull || spec.zeroIsNull === true,
      description: spec.description,
      select: `${shown}${kind === 'json' ? '::text' : ''} as "${spec.as ?? key}"`,
    };
  });
}

function kindOf(type: string): Kind {
  if (type.startsWith('numeric')) return 'uint256';
  if (type === 'bigint') return 'int64';
  if (type === 'integer') return 'int32';
  if (type === 'boolean') return 'boolean';
  return type === 'jsonb' ? 'json' : 'text';
}

/** JavaScript dates end here, about the year 275,760; Unix seconds. */
const LAST_SECOND = 8_640_000_000_000n;

/** Unix seconds as ISO 8601; later than any date there is, as the last one. */
export function shownTime(seconds: string): string {
  const time = BigInt(seconds);
  return isoTime(time > LAST_SECOND ? LAST_SECOND : time);
}

/** The same in milliseconds. */
export function milliseconds(seconds: string): bigint {
  const time = BigInt(seconds);
  return (time > LAST_SECOND ? LAST_SECOND : time) * 1000n;
}
