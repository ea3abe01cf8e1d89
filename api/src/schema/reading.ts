import type { GraphQLField } from 'graphql';
import type { ColumnSpec } from './columns.ts';
import type { Where } from './filters.ts';
import type { Direction, TableName } from './orders.ts';
import type { PageArgs } from './paging.ts';

export type ListQuery = { readonly where?: Where; readonly orderBy: Readonly<Record<string, Direction>> };

/**
 * What a field reads from schema `chain`, said once more as data beside its resolver: enough to make one SQL statement of a
 * whole operation. A field that says nothing is resolved as ever, and so is every operation with such a field in it.
 */
export type Reading =
  | { readonly kind: 'column'; readonly key: string; readonly spec: ColumnSpec }
  | { readonly kind: 'one'; readonly table: TableName; readonly relation: string }
  | {
      readonly kind: 'list';
      /** The table whose relation it is, and the relation's name; null for all rows of a table. */
      readonly of: { readonly table: TableName; readonly relation: string } | null;
      readonly table: TableName;
      /** @throws BAD_USER_INPUT as its resolver does. */
      readonly query: (args: PageArgs) => ListQuery;
    }
  | {
      readonly kind: 'row';
      readonly table: TableName;
      /** The column that each argument is compared with. */
      readonly by: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'buckets';
      /** The tables of counters, and how many buckets one answer holds at most. */
      readonly hour: TableName;
      readonly day: TableName;
      readonly max: number;
      /** The counters' column that is the parent's id; null for the whole protocol's. */
      readonly parentId: string | null;
    };

/** The extension that says what a field reads. */
export function reading(what: Reading): { reading: Reading } {
  return { reading: what };
}

export function readingOf(field: GraphQLField<unknown, unknown>): Reading | undefined {
  return field.extensions.reading as Reading | undefined;
}
