import type { Column } from 'drizzle-orm';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';
import type { ColumnSpec } from './columns.ts';
import { filterLimits } from './filter-size.ts';

/** Operators of one column as they come from a client. */
type Operators = Readonly<Record<string, unknown>>;
/** A filter as it comes from a client: fields by GraphQL name, and `and`, `or`, `not`. */
export type FilterInput = Readonly<Record<string, unknown>>;
/** A filter as drizzle's relational queries take it. */
export type Where = Record<string, unknown>;

const MAX_INT8 = 2n ** 63n - 1n;
const MAX_LIST = 500;

type InputType = 'BigInt' | 'DateTime' | 'Address' | 'Bytes32' | 'Hex' | 'Int' | 'Boolean' | 'String';

const scalars: Record<Exclude<ColumnSpec['kind'], 'Enum' | 'JSON'>, InputType> = {
  BigInt: 'BigInt',
  DateTime: 'DateTime',
  Address: 'Address',
  Bytes32: 'Bytes32',
  Hex: 'Hex',
  Int: 'Int',
  Boolean: 'Boolean',
  Text: 'String',
  Name: 'String',
  EventId: 'String',
};
const ranged = new Set<ColumnSpec['kind']>(['BigInt', 'DateTime', 'Int', 'EventId']);

const filterTypes = new Map<string, ReturnType<typeof builder.inputType>>();

/** The input type with the operators of one kind of column, made on first use; undefined for JSON. */
export function filterTypeOf(spec: ColumnSpec, nullable: boolean) {
  if (spec.kind === 'JSON') return undefined;
  const label = spec.kind === 'Enum' ? spec.name : spec.kind === 'Text' ? 'String' : spec.kind;
  const typeName = `${nullable ? 'Optional' : ''}${label}Filter`;
  const existing = filterTypes.get(typeName);
  if (existing) return existing;

  const type = (spec.kind === 'Enum' ? spec.ref : scalars[spec.kind]) as 'String';
  const ref = builder.inputType(typeName, {
    description: `Conditions on ${nullable ? 'an optional' : 'a'} ${label}; all that are given must hold.`,
    fields: (t) => ({
      eq: t.field({ type, description: 'Equal to this.' }),
      not: t.field({ type, description: nullable ? 'Has a value other than this.' : 'Other than this.' }),
      in: t.field({ type: [type], description: `One of these, at most ${MAX_LIST}.` }),
      ...(ranged.has(spec.kind)
        ? {
            gt: t.field({ type, description: 'Above this.' }),
            gte: t.field({ type, description: 'This or above.' }),
            lt: t.field({ type, description: 'Below this.' }),
            lte: t.field({ type, description: 'This or below.' }),
          }
        : {}),
      ...(spec.kind === 'Name'
        ? { contains: t.string({ description: 'Has this inside, in any case; at most 100 characters.' }) }
        : {}),
      ...(nullable ? { isNull: t.boolean({ description: 'True: rows without a value. False: rows with one.' }) } : {}),
    }),
  });
  filterTypes.set(typeName, ref);
  return ref;
}

export type FilterColumn = { readonly key: string; readonly spec: ColumnSpec; readonly column: Column };

/** The client's filter as drizzle takes it. Throws BAD_USER_INPUT naming the field for nulls and values that cannot be. */
export function whereOf(filter: FilterInput, columns: ReadonlyMap<string, FilterColumn>, path: string): Where {
  const where: Where = {};
  for (const [field, value] of Object.entries(filter)) {
    const at = `${path}.${field}`;
    if (value === undefined) continue;
    if (value === null) throw badInput(`${at} is null: leave it out to filter by nothing.`);
    if (field === 'and' || field === 'or') {
      const parts = value as readonly FilterInput[];
      if (parts.length === 0) throw badInput(`${at} is empty: give it at least one condition, or leave it out.`);
      where[field.toUpperCase()] = parts.map((part, index) => whereOf(part, columns, `${at}[${index}]`));
    } else if (field === 'not') where.NOT = whereOf(value as FilterInput, columns, at);
    else {
      const target = columns.get(field)!;
      where[target.key] = conditions(value as Operators, target.column, at);
    }
  }
  return where;
}

function conditions(operators: Operators, column: Column, path: string): Where {
  const result: Where = {};
  for (const [operator, value] of Object.entries(operators)) {
    const at = `${path}.${operator}`;
    if (value === undefined) continue;
    if (value === null) throw badInput(`${at} is null: leave it out to filter by nothing.`);
    if (operator === 'isNull') {
      result[value ? 'isNull' : 'isNotNull'] = true;
    } else if (operator === 'contains') {
      const text = checked(value, column, at) as string;
      if (text.length > filterLimits.containsLength) {
        throw badInput(`${at} has ${text.length} characters; at most ${filterLimits.containsLength} are looked for.`);
      }
      result.ilike = `%${likeLiteral(text)}%`;
    } else if (operator === 'in') {
      const list = value as unknown[];
      if (list.length > MAX_LIST) throw badInput(`${at} has ${list.length} values; at most ${MAX_LIST} are taken.`);
      result.in = list.map((item) => checked(item, column, at));
    } else {
      result[operator === 'not' ? 'ne' : operator] = checked(value, column, at);
    }
  }
  return result;
}

/** A value the column can hold: 64-bit columns refuse larger numbers, Postgres text refuses NUL. */
function checked(value: unknown, column: Column, at: string): unknown {
  if (typeof value === 'bigint' && column.getSQLType() === 'bigint' && value > MAX_INT8) {
    throw badInput(`${at} is ${value}: expected at most ${MAX_INT8}, the largest that can be there.`);
  }
  if (typeof value === 'string' && value.includes('\0')) throw badInput(`${at} has a NUL character in it.`);
  return value;
}

function likeLiteral(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
