import { chainTables } from '@openledger/db/chain';
import { type Column, getColumns } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { builder, OrderDirection } from './builder.ts';
import type { ColumnSpec } from './columns.ts';

export type TableName = keyof typeof chainTables;
export type Direction = 'asc' | 'desc';

/** One order a list can be read in: an index gives it, so a page costs what a page holds. */
export type Order = {
  /** The first column's name in GraphQL, as an enum value: CREATED_AT. */
  readonly value: string;
  readonly description: string;
  /** Column names in code, first to last; the last ones only break ties. */
  readonly columns: readonly string[];
};

const orderable = new Set<ColumnSpec['kind']>(['BigInt', 'DateTime', 'Int', 'Name', 'EventId']);
/** What lists start with when nobody says: the newest rows first where a column tells, else the key. */
const preferred = ['eventId', 'id', 'createdAt', 'firstSeenAt', 'day', 'version', 'modelVersion'];

export function primaryKeyOf(table: TableName): string[] {
  const config = getTableConfig(chainTables[table] as PgTable);
  const single = config.columns.find((column) => column.primary);
  const columns = single ? [single] : (config.primaryKeys[0]?.columns ?? []);
  return columns.map((column) => keyOf(table, column.name));
}

function keyOf(table: TableName, columnName: string): string {
  const entries = Object.entries(chainTables[table] as unknown as Record<string, Column>);
  const entry = entries.find(([, column]) => column?.name === columnName);
  if (!entry) throw new Error(`${table} has no column ${columnName}`);
  return entry[0];
}

/**
 * The orders that a list of `table` can be read in when `fixed` columns are equal to something (a parent's id): one for each
 * index, or the primary key, whose leading columns are those and whose next column orders.
 */
export function ordersOf(
  table: TableName,
  specs: Readonly<Record<string, ColumnSpec>>,
  fixed: readonly string[],
): Order[] {
  const config = getTableConfig(chainTables[table] as PgTable);
  const indexed = config.indexes.map(({ config: index }) =>
    index.columns.map((column) => keyOf(table, (column as { name: string }).name)),
  );
  const key = primaryKeyOf(table);
  const candidates: Order[] = [];
  const lastResort: Order[] = [];
  for (const columns of [key, ...indexed]) {
    const leads = columns.slice(0, fixed.length);
    const rest = columns.slice(fixed.length);
    const spec = rest[0] === undefined ? undefined : specs[rest[0]];
    if (spec === undefined || !fixed.every((column) => leads.includes(column))) continue;
    // A cursor cannot stand at a null, so a page could not continue past one.
    if (!rest.every((column) => getColumns(chainTables[table] as PgTable)[column]!.notNull)) continue;
    const order = {
      value: constantCase(spec.as ?? rest[0]!),
      columns: [...rest, ...key.filter((column) => !rest.includes(column))],
      description: `By: ${lowerFirst(spec.description)}`,
    };
    const list = orderable.has(spec.kind) || columns === key ? candidates : lastResort;
    if (!list.some(({ value }) => value === order.value)) list.push(order);
  }
  const orders = candidates.length > 0 ? candidates : lastResort;
  if (orders.length === 0) throw new Error(`No index of ${table} starts with ${fixed.join(', ')} and then orders`);
  return orders;
}

/** The order a list has when none is asked for, and its direction. */
export function defaultOrder(orders: readonly Order[], specs: Readonly<Record<string, ColumnSpec>>) {
  const order =
    preferred.map((column) => orders.find(({ columns }) => columns[0] === column)).find(Boolean) ?? orders[0]!;
  const kind = specs[order.columns[0]!]!.kind;
  const direction: Direction = kind === 'Address' || kind === 'Bytes32' || kind === 'Name' ? 'asc' : 'desc';
  return { order, direction };
}

const orderTypes = new Map<string, ReturnType<typeof makeOrderType>>();

/** The input type that chooses among `orders`; one for each name, since several fields share it. */
export function orderTypeOf(typeName: string, orders: readonly Order[], fallback: Direction) {
  const existing = orderTypes.get(typeName);
  if (existing) return existing;
  const made = makeOrderType(typeName, orders, fallback);
  orderTypes.set(typeName, made);
  return made;
}

function makeOrderType(typeName: string, orders: readonly Order[], fallback: Direction) {
  const field = builder.enumType(`${typeName}Field`, {
    description: 'What to order by: each of these has an index behind it.',
    values: Object.fromEntries(orders.map(({ value, description }) => [value, { description }])) as Record<
      string,
      object
    >,
  });
  return builder.inputType(typeName, {
    description: 'What to order by, and which end comes first.',
    fields: (t) => ({
      field: t.field({ type: field, required: true, description: 'What to order by.' }),
      direction: t.field({
        type: OrderDirection,
        required: true,
        defaultValue: fallback,
        description: 'Which end comes first.',
      }),
    }),
  });
}

export function constantCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
