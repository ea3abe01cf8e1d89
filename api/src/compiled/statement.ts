import { entityOf } from '../schema/entity.ts';
import type { TableName } from '../schema/orders.ts';
import { all } from './conditions.ts';
import { connectionSql } from './connection.ts';
import {
  bigIntJson,
  columnJson,
  columnOf,
  globalId,
  object,
  type Piece,
  sql,
  tableName,
  text,
  timeJson,
  written,
} from './json.ts';
import { NotServed, Parameters, Slot } from './parameters.ts';
import type { BucketsPlan, RootField, RowField, RowPlan, Variables } from './plan.ts';
import { joinOf } from './relations.ts';

export type Statement = { readonly text: string; readonly parameters: Parameters };

/** Root fields that are read from the database. */
export type ReadRoot = Extract<RootField, { kind: 'list' | 'buckets' | 'row' }>;

/** What is known while a statement is written. */
export type Writing = {
  readonly variables: Variables;
  readonly parameters: Parameters;
  /** A name for a table that no other has. */
  readonly alias: () => string;
};

/**
 * One statement with a column of JSON text for each root field. Rows are chosen, ordered and cut off first and only then joined
 * with what they point at, so that a page costs what a page holds.
 * @throws GraphQLError for arguments that the resolvers refuse too; NotServed for those that are left to them
 */
export function statementOf(roots: readonly ReadRoot[], variables: Variables): Statement {
  let aliases = 0;
  const writing: Writing = { variables, parameters: new Parameters(), alias: () => `t${aliases++}` };
  const columns = roots.map((root) => rootSql(writing, root));
  return { text: `select ${columns.join(', ')}`, parameters: writing.parameters };
}

function rootSql(writing: Writing, root: ReadRoot): string {
  switch (root.kind) {
    case 'list':
      return connectionSql(writing, root, null);
    case 'buckets':
      return bucketsSql(writing, root, null);
    case 'row': {
      const { reading, row } = root;
      const values = root.args(writing.variables);
      const alias = writing.alias();
      const conditions = Object.entries(reading.by).map(([argument, key]) => {
        const column = columnOf(reading.table, key);
        return `${alias}."${column.name}" = ${writing.parameters.add(values[argument], column)}`;
      });
      return rowOrNull(writing, row, alias, conditions);
    }
  }
}

function rowOrNull(writing: Writing, row: RowPlan, alias: string, conditions: readonly string[]): string {
  const from = `from ${tableName(row.table)} ${alias} where ${all(conditions)} limit 1`;
  return `coalesce((select ${written(rowJson(writing, row, alias))} ${from}), 'null')`;
}

/** A row of the table that has this alias. */
export function rowJson(writing: Writing, { table, fields }: RowPlan, alias: string): Piece[] {
  return object(fields, (field) => fieldJson(writing, field, table, alias));
}

function fieldJson(writing: Writing, field: RowField, table: TableName, alias: string): readonly Piece[] {
  switch (field.kind) {
    case 'typename':
      return [text(`"${field.name}"`)];
    case 'id': {
      const { name, primaryKey } = entityOf(table);
      const columns = primaryKey.map((key) => columnOf(table, key));
      return globalId(alias, name, columns);
    }
    case 'column':
      return columnJson(alias, columnOf(table, field.reading.key), field.reading.spec);
    case 'one': {
      const inner = writing.alias();
      return [sql(rowOrNull(writing, field.row, inner, joinOf(field.reading, alias, inner)))];
    }
    case 'list':
      return [sql(connectionSql(writing, field, alias))];
    case 'buckets':
      return [sql(bucketsSql(writing, field, { alias, table }))];
  }
}

type Parent = { readonly alias: string; readonly table: TableName };

/** A series of counters, oldest first. */
function bucketsSql(
  { variables, parameters, alias: newAlias }: Writing,
  plan: BucketsPlan,
  parent: Parent | null,
): string {
  const { reading, fields } = plan;
  const { interval, from, to } = plan.args(variables) as {
    interval: 'hour' | 'day';
    from?: bigint | Slot | null;
    to?: bigint | Slot | null;
  };
  if (from != null && to != null) {
    if (from instanceof Slot || to instanceof Slot) throw new NotServed('they have to be compared');
    if (from >= to) throw new NotServed('no bucket lies between them');
  }
  const table = reading[interval];
  const alias = newAlias();
  const bucket = columnOf(table, 'bucket');
  const at = `${alias}."${bucket.name}"`;
  const condition = all([
    reading.parentId !== null && parent !== null
      ? `${alias}."${columnOf(table, reading.parentId).name}" = ${parent.alias}."${columnOf(parent.table, 'id').name}"`
      : undefined,
    from != null ? `${at} >= ${parameters.add(from, bucket)}` : undefined,
    to != null ? `${at} < ${parameters.add(to, bucket)}` : undefined,
  ]);
  const row = object(fields, (field) => {
    if (field.kind === 'typename') return [text(`"${field.name}"`)];
    if (field.column === 'bucket') return timeJson(at);
    return bigIntJson(`${alias}."${columnOf(table, field.column).name}"`);
  });
  const newest = `select * from ${tableName(table)} ${alias}${condition ? ` where ${condition}` : ''} order by ${at} desc limit ${reading.max}`;
  return `(select '[' || coalesce(string_agg(${written(row)}, ',' order by ${at}), '') || ']' from (${newest}) ${alias})`;
}
