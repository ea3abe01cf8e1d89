import { chainRelations } from '@openledger/db/chain';
import { type AnyRelationsFilter, aliasedTable, getTableName, type Relation, relationsFilterToSQL } from 'drizzle-orm';
import { PgDialect, type PgTable } from 'drizzle-orm/pg-core';
import type { TableName } from '../schema/orders.ts';

const dialect = new PgDialect();

/** How the rows of a relation are found from its parent: the conditions. */
export function joinOf(
  { table, relation: name }: { readonly table: TableName; readonly relation: string },
  parent: string,
  alias: string,
): string[] {
  const relation = chainRelations[table].relations[name as never] as Relation;
  const joins = relation.sourceColumns.map(
    (column, index) => `${parent}."${column.name}" = ${alias}."${relation.targetColumns[index]!.name}"`,
  );
  return relation.where === undefined ? joins : [...joins, ownCondition(relation, alias)];
}

/** A condition that is part of the relation itself. */
function ownCondition(relation: Relation, alias: string): string {
  const target = aliasedTable(relation.targetTable as PgTable, alias);
  const condition = relationsFilterToSQL(target, relation.where as AnyRelationsFilter);
  const query = condition && dialect.sqlToQuery(condition);
  if (!query || query.params.length > 0) {
    throw new Error(`The condition of a relation to ${getTableName(target)} cannot be written into a statement`);
  }
  return query.sql;
}
