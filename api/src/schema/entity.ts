import type { chainRelations } from '@openledger/db/chain';
import { chainTables } from '@openledger/db/chain';
import type { FieldMap, InputRef, ObjectRef } from '@pothos/core';
import type { DrizzleObjectFieldBuilder, drizzleTableName } from '@pothos/plugin-drizzle';
import { type Column, getColumns } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { builder, type Types } from './builder.ts';
import type { ColumnSpec, SpecFor } from './columns.ts';
import { type FilterColumn, type FilterInput, filterTypeOf } from './filters.ts';
import { connectionField } from './lists.ts';
import { primaryKeyOf, type TableName } from './orders.ts';
import { reading } from './reading.ts';

type Relations = typeof chainRelations;
export type Row<T extends TableName> = (typeof chainTables)[T]['$inferSelect'];
type RelationsOf<T extends TableName> = Relations[T]['relations'];
type RelationsOfKind<T extends TableName, Kind> = {
  [R in keyof RelationsOf<T>]: RelationsOf<T>[R] extends { relationType: Kind } ? R : never;
}[keyof RelationsOf<T>];

type NameAndDescription = readonly [name: string, description: string];

/** The builder of a type's own fields, beyond its columns and relations. */
export type FieldsOf<T extends TableName> = (
  t: DrizzleObjectFieldBuilder<Types, Relations[T], Row<T> & { [drizzleTableName]?: T }>,
) => FieldMap;

/** What makes a table a GraphQL type: a name and a description for everything in it. */
export type EntitySpec<T extends TableName> = {
  readonly name: string;
  readonly description: string;
  /** Every column; false keeps one to the database. */
  readonly columns: { readonly [C in keyof Row<T>]: SpecFor<NonNullable<Row<T>[C]>> | false };
  readonly one?: { readonly [R in RelationsOfKind<T, 'one'>]?: NameAndDescription };
  readonly many?: { readonly [R in RelationsOfKind<T, 'many'>]?: NameAndDescription };
  readonly fields?: FieldsOf<T>;
};

/** A table as the rest of the schema sees it. */
export type Entity<T extends TableName = TableName> = {
  readonly table: T;
  readonly name: string;
  readonly specs: Readonly<Record<string, ColumnSpec>>;
  /** Columns a client can filter by, under their GraphQL names. */
  readonly columns: ReadonlyMap<string, FilterColumn>;
  readonly primaryKey: readonly string[];
  /** The relations it offers, by their names in code. */
  readonly relations: readonly string[];
  readonly ref: ObjectRef<Types, Row<T>>;
  readonly connection: ObjectRef<Types, unknown>;
  readonly filter: InputRef<FilterInput>;
};

const entities = new Map<TableName, Entity>();
const byName = new Map<string, Entity>();

export function entityOf(table: TableName): Entity {
  const entity = entities.get(table);
  if (!entity) throw new Error(`${table} is related to but is no GraphQL type`);
  return entity;
}

/** The entity behind a GraphQL type; undefined for types of other things. */
export function entityNamed(typeName: string): Entity | undefined {
  return byName.get(typeName);
}

export function allEntities(): readonly Entity[] {
  return [...entities.values()];
}

/**
 * Pothos types each call by its literals; here tables come as values, so these calls are made through the same methods with
 * open types. `EntitySpec` has checked the names against the tables and their relations.
 */
type OpenFields = {
  field(options: object): never;
  relation(name: string, options: object): never;
};
type OpenBuilder = {
  drizzleNode(table: string, options: object): ObjectRef<Types, never>;
  connectionObject(connection: object, edge: object): ObjectRef<Types, unknown>;
};
const open = builder as unknown as OpenBuilder;

/** Makes a table a Relay node: its columns, relations, connection and filter types. */
export function entity<T extends TableName>(table: T, spec: EntitySpec<T>): Entity<T> {
  const columns: Readonly<Record<string, Column>> = getColumns(chainTables[table] as PgTable);
  const specs = Object.fromEntries(Object.entries(spec.columns).filter(([, column]) => column !== false)) as Record<
    string,
    ColumnSpec
  >;
  const primaryKey = primaryKeyOf(table);

  const ref = open.drizzleNode(table, {
    name: spec.name,
    description: spec.description,
    id: { column: primaryKey.length === 1 ? columns[primaryKey[0]!] : primaryKey.map((key) => columns[key]) },
    select: { columns: {} },
    fields: (t: OpenFields & Parameters<FieldsOf<T>>[0]) => ({
      ...Object.fromEntries(
        Object.entries(specs).map(([key, column]) => [column.as ?? key, columnField(t, key, column, columns[key]!)]),
      ),
      ...Object.fromEntries(
        relationEntries(spec.one).map(([relation, [name, description]]) => [
          name,
          t.relation(relation, {
            description,
            nullable: true,
            extensions: reading({ kind: 'one', table, relation }),
          }),
        ]),
      ),
      ...Object.fromEntries(
        relationEntries(spec.many).map(([relation, [name, description]]) => [
          name,
          connectionField(t, `${spec.name}.${name}`, table, relation, description),
        ]),
      ),
      ...spec.fields?.(t),
    }),
  });

  const filterable = new Map<string, FilterColumn>();
  for (const [key, column] of Object.entries(specs)) {
    if (column.kind !== 'JSON') filterable.set(column.as ?? key, { key, spec: column, column: columns[key]! });
  }

  const made: Entity<T> = {
    table,
    name: spec.name,
    specs,
    columns: filterable,
    primaryKey,
    relations: [...relationEntries(spec.one), ...relationEntries(spec.many)].map(([relation]) => relation),
    ref: ref as unknown as ObjectRef<Types, Row<T>>,
    connection: connectionType(spec.name, ref),
    filter: filterType(spec.name, filterable),
  };
  entities.set(table, made as unknown as Entity);
  byName.set(spec.name, made as unknown as Entity);
  return made;
}

function relationEntries(relations: object | undefined): [string, NameAndDescription][] {
  return Object.entries(relations ?? {}) as [string, NameAndDescription][];
}

function columnField(t: OpenFields, key: string, spec: ColumnSpec, column: Column) {
  const type =
    spec.kind === 'Enum'
      ? spec.ref
      : spec.kind === 'Text' || spec.kind === 'Name' || spec.kind === 'EventId'
        ? 'String'
        : spec.kind;
  return t.field({
    type,
    description: spec.description,
    nullable: !column.notNull || spec.zeroIsNull === true,
    select: { columns: { [key]: true } },
    extensions: reading({ kind: 'column', key, spec }),
    resolve: (row: Record<string, unknown>) => (spec.zeroIsNull && row[key] === 0n ? null : row[key]),
  });
}

type Counted = { totalCount?: number | (() => number | PromiseLike<number>) };

function connectionType(name: string, ref: ObjectRef<Types, never>) {
  return open.connectionObject(
    {
      type: ref,
      name: `${name}Connection`,
      description: `A page of a list: ${name} rows in one order.`,
      fields: (t: { int(options: object): never }) => ({
        totalCount: t.int({
          description: 'How many rows the whole list has under this filter. Counted only when selected.',
          complexity: 5,
          extensions: { pothosDrizzleTotalCount: true },
          resolve: ({ totalCount }: Counted) => (typeof totalCount === 'function' ? totalCount() : totalCount),
        }),
      }),
    },
    { name: `${name}Edge`, description: `One ${name} of a page, with its cursor.` },
  );
}

function filterType(name: string, columns: ReadonlyMap<string, FilterColumn>): InputRef<FilterInput> {
  const ref = builder.inputRef<FilterInput>(`${name}Filter`);
  ref.implement({
    description: `Which ${name} rows: all conditions given must hold.`,
    fields: (t) => ({
      ...Object.fromEntries(
        [...columns].flatMap(([field, { spec, column }]) => {
          const type = filterTypeOf(spec, !column.notNull);
          return type ? [[field, t.field({ type, description: spec.description })]] : [];
        }),
      ),
      and: t.field({ type: [ref], description: 'All of these hold.' }),
      or: t.field({ type: [ref], description: 'At least one of these holds.' }),
      not: t.field({ type: ref, description: 'This does not hold.' }),
    }),
  });
  return ref;
}
