import { decodeBase64, decodeCursorChunk } from '@pothos/core';
import type { Column } from 'drizzle-orm';
import type { Where } from '../schema/filters.ts';
import type { Direction, TableName } from '../schema/orders.ts';
import { columnOf } from './json.ts';
import type { Parameters } from './parameters.ts';

const operators: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  ilike: 'ilike',
};

/** A filter as SQL, as drizzle makes it; undefined when it says nothing. */
export function filterSql(where: Where, table: TableName, alias: string, parameters: Parameters): string | undefined {
  const parts: (string | undefined)[] = [];
  for (const [key, value] of Object.entries(where)) {
    if (value === undefined) continue;
    if (key === 'AND' || key === 'OR') {
      const inner = (value as readonly Where[]).map((part) => filterSql(part, table, alias, parameters));
      parts.push(all(inner, key === 'AND' ? ' and ' : ' or '));
    } else if (key === 'NOT') {
      const inner = filterSql(value as Where, table, alias, parameters);
      parts.push(inner && `not (${inner})`);
    } else {
      const column = columnOf(table, key);
      const at = `${alias}."${column.name}"`;
      for (const [operator, operand] of Object.entries(value as Where)) {
        parts.push(conditionSql(at, operator, operand, column, parameters));
      }
    }
  }
  return all(parts);
}

function conditionSql(at: string, operator: string, operand: unknown, column: Column, parameters: Parameters): string {
  if (operator === 'isNull') return `${at} is null`;
  if (operator === 'isNotNull') return `${at} is not null`;
  if (operator === 'in') return `${at} = any(${parameters.addList(operand as unknown[], column)})`;
  const sign = operators[operator];
  if (!sign) throw new Error(`No SQL for the operator ${operator}`);
  return `${at} ${sign} ${parameters.add(operand, column)}`;
}

/** The conditions that say something, joined. */
export function all(parts: readonly (string | undefined)[], by: ' and ' | ' or ' = ' and '): string | undefined {
  const said = parts.filter((part) => part !== undefined);
  if (said.length === 0) return undefined;
  return said.length === 1 ? said[0] : `(${said.join(by)})`;
}

export type OrderColumns = readonly (readonly [column: Column, direction: Direction])[];

/** The rows on one side of a cursor, which was found to be one of this order. */
export function beyond(
  cursor: string,
  side: 'after' | 'before',
  order: OrderColumns,
  alias: string,
  parameters: Parameters,
): string {
  const decoded: unknown = decodeCursorChunk(decodeBase64(cursor).slice('DC:'.length));
  const values = Array.isArray(decoded) ? decoded : [decoded];
  const sign = (direction: Direction) => ((side === 'after') === (direction === 'asc') ? '>' : '<');
  const at = (column: Column) => `${alias}."${column.name}"`;
  const first = order[0]![1];
  // An index is entered at a row of values; at alternatives it is not.
  if (order.every(([, direction]) => direction === first)) {
    const columns = order.map(([column]) => at(column));
    const places = order.map(([column], index) => parameters.add(values[index], column));
    return `(${columns.join(', ')}) ${sign(first)} (${places.join(', ')})`;
  }
  const alternatives = order.map(([column, direction], index) => {
    const equal = order.slice(0, index).map(([other], i) => `${at(other)} = ${parameters.add(values[i], other)}`);
    return all([...equal, `${at(column)} ${sign(direction)} ${parameters.add(values[index], column)}`]);
  });
  return all(alternatives, ' or ')!;
}
