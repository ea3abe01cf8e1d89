import type { FilterColumn, FilterInput } from '../schema/filters.ts';

/** Whether a row passes a filter, as Postgres would decide it for columns that are never null. */
export function matches(
  row: Readonly<Record<string, unknown>>,
  filter: FilterInput,
  columns: ReadonlyMap<string, FilterColumn>,
): boolean {
  return Object.entries(filter).every(([field, value]) => {
    if (value === undefined) return true;
    if (field === 'and') return (value as FilterInput[]).every((part) => matches(row, part, columns));
    if (field === 'or') return (value as FilterInput[]).some((part) => matches(row, part, columns));
    if (field === 'not') {
      // A filter without conditions is no filter, also under `not`.
      return Object.keys(value as FilterInput).length === 0 || !matches(row, value as FilterInput, columns);
    }
    const held = row[columns.get(field)!.key] as never;
    return Object.entries(value as Record<string, never>).every(([operator, operand]) => {
      if (operand === undefined) return true;
      return tests[operator]!(held, operand);
    });
  });
}

const tests: Record<string, (held: never, operand: never) => boolean> = {
  eq: (held, operand) => held === operand,
  not: (held, operand) => held !== operand,
  in: (held, operand) => (operand as unknown[]).includes(held),
  gt: (held, operand) => held > operand,
  gte: (held, operand) => held >= operand,
  lt: (held, operand) => held < operand,
  lte: (held, operand) => held <= operand,
  contains: (held, operand) => (held as string).toLowerCase().includes((operand as string).toLowerCase()),
  isNull: (held, operand) => (held === null) === operand,
};
