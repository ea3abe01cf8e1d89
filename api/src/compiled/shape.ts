import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { Slot } from './parameters.ts';
import type { Variables } from './plan.ts';

/** Scalars whose values are only ever compared with a column: another value makes no other statement. */
const compared = new Set(['BigInt', 'DateTime', 'Address', 'Bytes32', 'Hex', 'String']);

/** What about its variables changes the statement of an operation. */
export type Shape = {
  /** Equal for variables that differ in compared values alone. */
  readonly key: string;
  /** The variables with slots in the place of those values. */
  readonly slotted: Variables;
};

/** Reads shapes off the variables of an operation. */
export function createShape(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): (variables: Variables) => Shape {
  const types = (operation.variableDefinitions ?? []).map(
    ({ variable, type }) => [variable.name.value, typeFromAST(schema, type as never) as GraphQLInputType] as const,
  );
  return (variables) => {
    const slotted: Record<string, unknown> = {};
    let key = '';
    for (const [name, type] of types) {
      if (!(name in variables)) continue;
      key += `${name}:`;
      slotted[name] = walk(type, variables[name], [name]);
    }
    return { key, slotted };

    function walk(type: GraphQLInputType, value: unknown, path: readonly (string | number)[]): unknown {
      if (isNonNullType(type)) return walk(type.ofType, value, path);
      if (value === null || value === undefined) {
        key += '~';
        return value;
      }
      if (isListType(type)) {
        const items = value as readonly unknown[];
        key += `[${items.length}`;
        return items.map((item, index) => walk(type.ofType, item, [...path, index]));
      }
      if (isInputObjectType(type)) {
        const fields = type.getFields();
        key += '{';
        const made = Object.fromEntries(
          Object.entries(value as object).map(([name, inner]) => {
            key += `${name}:`;
            return [name, walk(fields[name]!.type, inner, [...path, name])];
          }),
        );
        key += '}';
        return made;
      }
      if (isScalarType(type) && compared.has(type.name)) {
        key += '?';
        return new Slot(path);
      }
      key += isEnumType(type) || typeof value !== 'string' ? `${value};` : `${JSON.stringify(value)};`;
      return value;
    }
  };
}
