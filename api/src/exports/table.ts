import { chainTables } from '@openledger/db/chain';
import { type Column, getColumns } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { badInput } from '../errors.ts';
import { isoTime } from '../time.ts';
import type { TableExport } from './catalogue.ts';
import { columnsOf, type TableColumn } from './columns.ts';
import type { Parameters } from './request.ts';

/** The statement that reads an export, and the one that counts its rows up to one more than a limit. */
export type TableQuery = {
  readonly columns: readonly TableColumn[];
  readonly select: string;
  readonly count: (upTo: number) => string;
  readonly values: readonly string[];
  /** Rows at most by the caller's own wish. */
  readonly limit: number | undefined;
};

/** @throws BAD_USER_INPUT for a parameter that this export does not take, or that makes no sense. */
export function tableQuery(spec: TableExport, parameters: Parameters): TableQuery {
  const table = chainTables[spec.table] as PgTable;
  const columns: Readonly<Record<string, Column>> = getColumns(table);
  const quoted = (key: string) => `"${columns[key]!.name}"`;
  const values: string[] = [];
  const conditions: string[] = [];
  const value = (given: string, type: string) => `$${values.push(given)}::${type}`;

  const [from, to] = [parameters.time('from'), parameters.time('to')];
  if (from !== undefined && to !== undefined && from >= to) {
    throw badInput(`from, ${isoTime(from)}, is not before to, ${isoTime(to)}: nothing lies between them.`);
  }
  const time = (seconds: bigint) =>
    spec.time.is === 'seconds'
      ? value(seconds.toString(), 'bigint')
      : value((seconds < 0n ? 0n : seconds).toString().padStart(10, '0'), 'text');
  if (from !== undefined) conditions.push(`${quoted(spec.time.column)} >= ${time(from)}`);
  if (to !== undefined) conditions.push(`${quoted(spec.time.column)} < ${time(to)}`);
  for (const what of ['datanet', 'model'] as const) {
    const column = spec[what];
    const id = column === undefined ? undefined : parameters.id(what);
    if (column !== undefined && id !== undefined)
      conditions.push(`${quoted(column)} = ${value(id.toString(), 'numeric')}`);
  }
  const account = spec.account && parameters.account('account');
  if (spec.account && account !== undefined) {
    const given = value(account, 'text');
    conditions.push(`(${spec.account.map((column) => `${quoted(column)} = ${given}`).join(' or ')})`);
  }
  const limit = parameters.count('limit');
  parameters.done();

  const shown = columnsOf(spec.table);
  const source = `chain."${getTableConfig(table).name}"${conditions.length ? ` where ${conditions.join(' and ')}` : ''}`;
  const order = spec.order.map(quoted).join(', ');
  return {
    columns: shown,
    select: `select ${shown.map(({ select }) => select).join(', ')} from ${source} order by ${order}${limit === undefined ? '' : ` limit ${limit}`}`,
    count: (upTo) =>
      `select count(*)::text as n from (select from ${source} limit ${Math.min(upTo, limit ?? upTo)}) as counted`,
    values,
    limit,
  };
}
