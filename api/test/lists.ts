import { chainTables } from '@openledger/db/chain';
import { getColumns } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getNamedType,
} from 'graphql';
import { allEntities, type Entity } from '../src/schema/entity.ts';
import { schema } from '../src/schema/index.ts';
import { type Order, ordersOf } from '../src/schema/orders.ts';

export type List = { readonly field: string; readonly target: Entity; readonly orders: readonly string[] };

/** The connection fields of a type over tables of the chain schema, each with the orders it offers. */
export function listsOf(typeName: string): List[] {
  const type = schema.getType(typeName) as GraphQLObjectType;
  return Object.values(type.getFields()).flatMap((field) => {
    const target = allEntities().find(({ name }) => `${name}Connection` === getNamedType(field.type).name);
    return target ? [{ field: field.name, target, orders: orderNames(field) }] : [];
  });
}

function orderNames(field: GraphQLField<unknown, unknown>): string[] {
  const argument = field.args.find(({ name }) => name === 'orderBy')!;
  const fields = (getNamedType(argument.type) as GraphQLInputObjectType).getFields();
  return (getNamedType(fields.field!.type) as GraphQLEnumType).getValues().map(({ name }) => name);
}

/** The SQL names of a table's columns by their names in code. */
export function sqlNames(entity: Entity): { table: string; columns: Record<string, string> } {
  const table = chainTables[entity.table] as PgTable;
  return {
    table: `chain."${getTableConfig(table).name}"`,
    columns: Object.fromEntries(Object.entries(getColumns(table)).map(([key, column]) => [key, column.name])),
  };
}

export function orderOf(entity: Entity, value: string, fixed: readonly string[] = []): Order {
  return ordersOf(entity.table, entity.specs, fixed).find((order) => order.value === value)!;
}
