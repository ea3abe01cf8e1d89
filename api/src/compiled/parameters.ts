import type { Column } from 'drizzle-orm';
import type { Variables } from './plan.ts';

/** A value of the arguments that no statement is made for; the resolvers answer, or say what is wrong with it. */
export class NotServed extends Error {}

/** Stands for a value that is only known with each request: where it is among the variables. */
export class Slot {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[]) {
    this.path = path;
  }
}

type Parameter =
  | { readonly column: Column; readonly value: unknown }
  | { readonly column: Column; readonly list: readonly unknown[] };

const MAX_INT8 = 2n ** 63n - 1n;

/** The parameters of a statement, in their order: values, and slots for values. */
export class Parameters {
  readonly #parameters: Parameter[] = [];

  /** @returns the place of the value in the statement, cast to what it is compared with. */
  add(value: unknown, column: Column): string {
    return this.#place({ column, value }, '');
  }

  addList(list: readonly unknown[], column: Column): string {
    return this.#place({ column, list }, '[]');
  }

  #place(parameter: Parameter, array: '' | '[]'): string {
    this.#parameters.push(parameter);
    // A precision, as in numeric(78, 0), would only be checked once more.
    return `$${this.#parameters.length}::${parameter.column.getSQLType().replace(/\(.*\)/, '')}${array}`;
  }

  /** The values as Postgres reads them. @throws NotServed for one that its column cannot hold */
  bind(variables: Variables): string[] {
    const text = (value: unknown, column: Column) => {
      const bound = value instanceof Slot ? at(variables, value.path) : value;
      if (typeof bound === 'bigint' && bound > MAX_INT8 && column.getSQLType() === 'bigint')
        throw new NotServed('too large');
      if (typeof bound === 'string' && bound.includes('\0')) throw new NotServed('NUL');
      return String(bound);
    };
    return this.#parameters.map((parameter) =>
      'list' in parameter
        ? `{${parameter.list.map((value) => `"${text(value, parameter.column).replace(/[\\"]/g, '\\$&')}"`).join(',')}}`
        : text(parameter.value, parameter.column),
    );
  }
}

function at(variables: Variables, path: readonly (string | number)[]): unknown {
  let value: unknown = variables;
  for (const step of path) value = (value as Record<string | number, unknown>)[step];
  return value;
}
