import { chainTables } from '@openledger/db/chain';
import { type Column, getColumns } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { badInput } from '../errors.ts';
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

/** One key of an order as a client gives it. */
export type OrderKey = { readonly field: string; readonly direction: Direction };

/** Keys one list is ordered by at most. */
export const MAX_KEYS = 3;

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

/**
 * The columns to order by and their directions, first to last. One key reads its index from end to end; of several, the
 * first is read from its index and the others only sort what it leaves equal. @throws BAD_USER_INPUT
 */
export function keysOf(
  place: string,
  keys: readonly OrderKey[],
  orders: readonly Order[],
  start: ReturnType<typeof defaultOrder>,
  primaryKey: readonly string[],
): Record<string, Direction> {
  if (keys.length > MAX_KEYS) {
    throw badInput(`${place}: orderBy has ${keys.length} keys; at most ${MAX_KEYS} are taken.`);
  }
  const chosen = keys.map(({ field, direction }) => ({
    order: orders.find(({ value }) => value === field)!,
    direction,
  }));
  const [first = start, ...others] = chosen;
  const all = (columns: readonly string[], direction: Direction) =>
    columns.map((column) => [column, direction] as const);
  if (others.length === 0) return Object.fromEntries(all(first.order.columns, first.direction));

  const columns: Record<string, Direction> = {};
  for (const { order, direction } of chosen) {
    const column = order.columns[0]!;
    if (column in columns) throw badInput(`${place}: orderBy names ${order.value} twice: once is enough.`);
    columns[column] = direction;
  }
  // What is still equal then comes in the order of the key, so that a page can continue where the last one ended.
  for (const column of primaryKey) columns[column] ??= chosen.at(-1)!.direction;
  return columns;
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
