import type { Sql, TransactionSql } from 'postgres';

// An index made wrong on purpose: what compares must notice.

/** The views of a schema, Ponder's own left out. */
export const viewsOf = async (sql: Sql, schema: string): Promise<string[]> => {
  const rows = await sql<{ name: string }[]>`
    select table_name as name from information_schema.views where table_schema = ${schema} order by 1`;
  return rows.map(({ name }) => name).filter((name) => !name.startsWith('_'));
};

/** Makes tables of every view of a schema in another. */
export const copySchema = async (sql: Sql, from: string, to: string): Promise<void> => {
  await sql`create schema ${sql(to)}`;
  for (const view of [...(await viewsOf(sql, from)), '_ponder_checkpoint']) {
    await sql`create table ${sql(to)}.${sql(view)} as select * from ${sql(from)}.${sql(view)}`;
  }
};

/** Does something in a transaction that leaves no trace. */
export const rolledBack = async (sql: Sql, work: (transaction: TransactionSql) => Promise<void>): Promise<void> => {
  const done = new Error('done');
  await sql
    .begin(async (transaction) => {
      await work(transaction);
      throw done;
    })
    .catch((error: unknown) => {
      if (error !== done) throw error;
    });
};

/**
 * Gives every column of some tables another value in its first row: one column of each table at a time, which `check` is
 * told as `table.column` in order, and then back.
 * @returns how many columns there were.
 */
export const changeEachColumn = async (
  sql: Sql,
  schema: string,
  which: (table: string) => boolean,
  check: (transaction: TransactionSql, changed: readonly string[]) => Promise<void>,
): Promise<number> => {
  const tables = await columnsOf(sql, schema, which);
  let columns = 0;
  for (let place = 0; ; place++) {
    const changed = tables.flatMap(({ table, key, others }) => {
      const other = others[place];
      return other === undefined ? [] : [{ ...other, table, key }];
    });
    if (changed.length === 0) return columns;
    columns += changed.length;
    await rolledBack(sql, async (transaction) => {
      for (const { table, key, column, type } of changed) {
        await transaction`
          update ${sql(schema)}.${sql(table)} set ${sql(column)} = ${transaction.unsafe(otherValue[type]!(`"${column}"`))}
          where ctid = (select ctid from ${sql(schema)}.${sql(table)} order by ${sql(key)} limit 1)`;
      }
      await check(transaction, changed.map(({ table, column }) => `${table}.${column}`).sort());
    });
  }
};

/** Another value of a type than a column has, as SQL. */
const otherValue: Readonly<Record<string, (column: string) => string>> = {
  integer: (column) => `coalesce(${column}, 0) + 1`,
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  numeric: (column) => `coalesce(${column}, 0) + 1`,
  text: (column) => `coalesce(${column}, '') || '!'`,
  boolean: (column) => `not ${column}`,
  jsonb: (column) => `jsonb_build_array(${column})`,
};

/** Each table with its primary key, as its live table has it, and its other columns. */
const columnsOf = async (sql: Sql, schema: string, which: (table: string) => boolean) => {
  const [{ live } = { live: '' }] = await sql<{ live: string }[]>`select schema_name as live from indexer.deployment`;
  const keys = await sql<{ table: string; key: string[] }[]>`
    select relname as table, array(
      select attname::text from unnest(indkey::int[]) with ordinality as k(number, place)
      join pg_attribute on attrelid = indrelid and attnum = number order by place) as key
    from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace = ${live}::regnamespace and indisprimary and relname not like '\\_%'`;
  const columns = await sql<{ table: string; column: string; type: string }[]>`
    select table_name as table, column_name as column, data_type as type
    from information_schema.columns where table_schema = ${schema} order by table_name, ordinal_position`;
  return keys
    .filter(({ table }) => which(table))
    .map(({ table, key }) => ({
      table,
      key,
      others: columns.filter((column) => column.table === table && !key.includes(column.column)),
    }));
};
