import { getColumns, is } from 'drizzle-orm';
import { getTableConfig, PgJsonb, type PgTable } from 'drizzle-orm/pg-core';
import type { Sql, TransactionSql } from 'postgres';
import { chainTables } from './fold.ts';
import { keyOf, type TableName, type Tables } from './state.ts';

/** One row that the index and the oracle do not tell alike. */
export type Difference = {
  /** The table in the database. */
  readonly table: string;
  /** Its primary key: columns and values. */
  readonly key: string;
  /** The first column that differs; none where the row stands on one side only. */
  readonly column: string | undefined;
  readonly index: string;
  readonly oracle: string;
};

/** How one table compares. */
export type TableReport = {
  readonly table: string;
  /** Rows in the index, and rows by the oracle. */
  readonly indexed: number;
  readonly expected: number;
  /** Rows that the index lacks, that it has beyond, and that are otherwise. */
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
  /** The first, in the order of the primary key; what is missing comes last. */
  readonly first: Difference | undefined;
};

const batch = 5_000;

/**
 * Compares every table of the views in `schema` with the oracle's.
 * @param sql in a transaction that sees one state, or the index moves meanwhile.
 */
export async function compareTables(
  sql: Sql | TransactionSql,
  schema: string,
  tables: Tables,
  onTable: (report: TableReport) => void = () => {},
): Promise<readonly TableReport[]> {
  const reports: TableReport[] = [];
  for (const [name, mapped] of chainTables) {
    const report = await compareTable(sql, schema, mapped, tables[name as TableName].rows);
    reports.push(report);
    onTable(report);
  }
  return reports;
}

async function compareTable(
  sql: Sql | TransactionSql,
  schema: string,
  mapped: PgTable,
  expected: ReadonlyMap<string, object>,
): Promise<TableReport> {
  const { table, columns, key } = shapeOf(mapped);
  const differences: Difference[] = [];
  const seen = new Set<string>();
  let extra = 0;
  let changed = 0;
  const selected = columns.map(({ column }) => sql`${sql(column)}::text as ${sql(column)}`);
  const rows = sql<Record<string, string | null>[]>`
    select ${selected.flatMap((part, i) => (i === 0 ? part : [sql`, `, part]))}
    from ${sql(schema)}.${sql(table)} order by ${sql(key)}`;
  for await (const page of rows.cursor(batch)) {
    for (const row of page) {
      const id = keyOf(...key.map((column) => row[column] ?? 'null'));
      const named = key.map((column) => `${column} ${row[column]}`).join(', ');
      const oracle = expected.get(id);
      seen.add(id);
      if (oracle === undefined) {
        extra++;
        differences.push({ table, key: named, column: undefined, index: 'a row', oracle: 'no row' });
        continue;
      }
      const difference = firstDifference(columns, row, oracle as Readonly<Record<string, unknown>>);
      if (difference === undefined) continue;
      changed++;
      differences.push({ table, key: named, ...difference });
    }
    differences.length = Math.min(differences.length, 1);
  }
  const lacking = [...expected.keys()].filter((id) => !seen.has(id));
  const [missing] = lacking;
  if (missing !== undefined && differences.length === 0) {
    const values = missing.split(' ');
    const named = key.map((column, i) => `${column} ${values[i]}`).join(', ');
    differences.push({ table, key: named, column: undefined, index: 'no row', oracle: 'a row' });
  }
  return {
    table,
    indexed: seen.size,
    expected: expected.size,
    missing: lacking.length,
    extra,
    changed,
    first: differences[0],
  };
}

type Column = { readonly property: string; readonly column: string; readonly json: boolean };

function shapeOf(mapped: PgTable) {
  const { name: table, primaryKeys } = getTableConfig(mapped);
  const byProperty = Object.entries(getColumns(mapped));
  const composite = primaryKeys[0]?.columns.map(({ name }) => name);
  return {
    table,
    columns: byProperty.map(
      ([property, column]): Column => ({ property, column: column.name, json: is(column, PgJsonb) }),
    ),
    key: composite ?? byProperty.filter(([, column]) => column.primary).map(([, column]) => column.name),
  };
}

function firstDifference(
  columns: readonly Column[],
  row: Readonly<Record<string, string | null>>,
  oracle: Readonly<Record<string, unknown>>,
): Pick<Difference, 'column' | 'index' | 'oracle'> | undefined {
  for (const { property, column, json } of columns) {
    const stored = row[column] ?? null;
    const index = json && stored !== null ? canonical(JSON.parse(stored)) : String(stored);
    const value = oracle[property];
    const told = json && value !== null ? canonical(value) : String(value);
    if (index !== told) return { column, index, oracle: told };
  }
  return undefined;
}

/** JSON with its keys in order; the database keeps none. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

/** A difference in one line. */
export const describe = ({ table, key, column, index, oracle }: Difference): string =>
  column === undefined
    ? `${table} (${key}): the index has ${index}, the oracle ${oracle}`
    : `${table}.${column} (${key}): the index says ${index}, the oracle ${oracle}`;
