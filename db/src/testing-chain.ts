import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { chainTables } from './chain/index.ts';

const quote = (name: string) => `"${name}"`;

/** The statements that make the chain schema from its mapping: tables, keys, indexes, and Ponder's two tables beside them. */
export function chainDdl(): string[] {
  return [
    'create schema if not exists chain',
    ...Object.values(chainTables).flatMap((table) => tableDdl(table as PgTable)),
    `create table chain._ponder_checkpoint (
       chain_name text primary key, chain_id bigint not null, safe_checkpoint varchar(75) not null,
       latest_checkpoint varchar(75) not null, finalized_checkpoint varchar(75) not null)`,
    'create table chain._ponder_meta (key text primary key, value jsonb)',
  ];
}

function tableDdl(table: PgTable): string[] {
  const { name, columns, primaryKeys, indexes } = getTableConfig(table);
  const at = `chain.${quote(name)}`;
  const key = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary);
  return [
    `create table ${at} (${[
      ...columns.map(
        (column) =>
          `${quote(column.name)} ${column.getSQLType()}${column.default === undefined ? '' : ` default ${column.default}`}${column.notNull ? ' not null' : ''}`,
      ),
      `primary key (${key.map((column) => quote(column.name)).join(', ')})`,
    ].join(', ')})`,
    ...indexes.map(
      ({ config }) =>
        `create index ${quote(config.name!)} on ${at} (${config.columns.map((column) => quote((column as { name: string }).name)).join(', ')})`,
    ),
  ];
}

/** A checkpoint as Ponder writes it: 75 digits. */
export function checkpointOf(chainId: bigint, block: bigint, timestamp: bigint): string {
  const digits = (value: bigint, length: number) => value.toString().padStart(length, '0');
  return `${digits(timestamp, 10)}${digits(chainId, 16)}${digits(block, 16)}${'9'.repeat(16)}${'9'}${'9'.repeat(16)}`;
}
