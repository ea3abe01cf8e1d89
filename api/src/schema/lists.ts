import { chainRelations, chainTables } from '@openledger/db/chain';
import type { FieldRef } from '@pothos/core';
import { type AnyRelationsFilter, type Column, getColumns, type Many, relationsFilterToSQL } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { ApiContext } from '../context.ts';
import { builder, DEFAULT_PAGE, type Types } from './builder.ts';
import { type Entity, entityOf } from './entity.ts';
import { checkSize, sizeOf } from './filter-size.ts';
import { type FilterInput, whereOf } from './filters.ts';
import { defaultOrder, keysOf, MAX_KEYS, type OrderKey, ordersOf, orderTypeOf, type TableName } from './orders.ts';
import { checkPage, type PageArgs } from './paging.ts';
import { type ListQuery, reading } from './reading.ts';

type ListArgs = PageArgs & {
  readonly filter?: FilterInput | null;
  readonly orderBy?: readonly OrderKey[] | null;
};
type OpenFields = {
  arg: (options: object) => never;
  relatedConnection(name: string, options: object, connection: object): never;
  drizzleConnection(options: object, connection: object): never;
};
type OpenQueries = Record<string, { findMany(config: object): Promise<unknown[]> }>;

/** A list field reads a filter, an order that an index gives, and a page; `place` names it in errors. */
function listOf(place: string, target: Entity, fixed: readonly string[]) {
  const orders = ordersOf(target.table, target.specs, fixed);
  const start = defaultOrder(orders, target.specs);
  const by = fixed
    .map((column) => column.replace(/Id$/, ''))
    .map((column) => column[0]!.toUpperCase() + column.slice(1));
  const orderType = orderTypeOf(`${target.name}${by.length ? `By${by.join('')}` : ''}Order`, orders, start.direction);
  const columns: Readonly<Record<string, Column>> = getColumns(chainTables[target.table] as PgTable);

  return {
    args: (t: OpenFields) => ({
      filter: t.arg({ type: target.filter, description: 'Which rows; all of them when left out.' }),
      orderBy: t.arg({
        type: [orderType],
        description: `In which order, by up to ${MAX_KEYS} keys, the first counting most; ${start.order.value} ${start.direction.toUpperCase()} when left out.`,
      }),
    }),
    complexity: ({ first, last, filter }: ListArgs) => ({
      field: 2 + (filter ? sizeOf(filter).price : 0),
      multiplier: first ?? last ?? DEFAULT_PAGE,
    }),
    query: (args: ListArgs): ListQuery => {
      const keys = keysOf(place, args.orderBy ?? [], orders, start, target.primaryKey);
      checkPage(
        place,
        args,
        Object.keys(keys).map((column) => columns[column]!),
      );
      if (args.filter) checkSize(args.filter, `${place}: filter`);
      const where = args.filter ? whereOf(args.filter, target.columns, `${place}: filter`) : {};
      return {
        ...(Object.keys(where).length > 0 && { where }),
        orderBy: keys,
      };
    },
  };
}

/** A to-many relation as a connection field of its parent type; `place` names it in errors. */
export function connectionField(
  t: unknown,
  place: string,
  table: TableName,
  relationName: string,
  description: string,
) {
  const fields = t as OpenFields;
  const relation = chainRelations[table].relations[relationName as never] as Many<TableName>;
  const target = entityOf(relation.targetTableName);
  const targetColumns = Object.entries(getColumns(relation.targetTable as PgTable));
  const fixed = relation.targetColumns.map((column) => targetColumns.find(([, other]) => other === column)![0]);
  const list = listOf(place, target, fixed);
  return fields.relatedConnection(
    relationName,
    {
      description,
      args: list.args(fields),
      complexity: list.complexity,
      totalCount: true,
      query: list.query,
      extensions: reading({
        kind: 'list',
        of: { table, relation: relationName },
        table: relation.targetTableName,
        query: list.query,
      }),
    },
    target.connection,
  );
}

/** A root field that lists a whole table. */
export function listField(name: string, table: TableName, description: string): void {
  builder.queryField(name, (t) => {
    const fields = t as unknown as OpenFields;
    const target = entityOf(table);
    const list = listOf(name, target, []);
    return fields.drizzleConnection(
      {
        type: target.ref,
        description,
        args: list.args(fields),
        complexity: list.complexity,
        extensions: reading({ kind: 'list', of: null, table, query: list.query }),
        totalCount: (_root: unknown, args: ListArgs, { db }: ApiContext) => {
          const { where } = list.query(args);
          const source = chainTables[table] as PgTable;
          return db.$count(source, where && relationsFilterToSQL(source, where as AnyRelationsFilter));
        },
        resolve: (page: (query: object) => object, _root: unknown, args: ListArgs, { db }: ApiContext) =>
          (db.query as unknown as OpenQueries)[table]!.findMany(page(list.query(args))),
      },
      target.connection,
    ) as FieldRef<Types, unknown>;
  });
}

/** A root field that finds one row by its key in the chain's own terms; null where there is none. */
export function lookupField<T extends TableName>(
  name: string,
  table: T,
  description: string,
  args: {
    readonly [argument: string]: { readonly column: string; readonly type: string; readonly description: string };
  },
): void {
  builder.queryField(name, (t) => {
    const target = entityOf(table);
    const fields = t as unknown as OpenFields & { drizzleField(options: object): never };
    return fields.drizzleField({
      type: target.ref,
      nullable: true,
      description,
      extensions: reading({
        kind: 'row',
        table,
        by: Object.fromEntries(Object.entries(args).map(([argument, { column }]) => [argument, column])),
      }),
      args: Object.fromEntries(
        Object.entries(args).map(([argument, { type, description: what }]) => [
          argument,
          fields.arg({ type, required: true, description: what }),
        ]),
      ),
      resolve: (
        query: (config: object) => object,
        _root: unknown,
        values: Record<string, unknown>,
        { db }: ApiContext,
      ) => {
        const where = Object.fromEntries(
          Object.entries(args).map(([argument, { column }]) => [column, { eq: values[argument] }]),
        );
        return (db.query as unknown as Record<string, { findFirst(config: object): Promise<unknown> }>)[
          table
        ]!.findFirst(query({ where }));
      },
    }) as FieldRef<Types, unknown>;
  });
}
