import fc, { type GeneratorValue } from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Draw, inputFor, type Known, pick } from './values.ts';

/** What a client sends. `wild` ones are not meant to be right. */
export type Operation = {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly wild: boolean;
};

type Kind = 'query' | 'mutation' | 'subscription';
type Scope = Draw & {
  readonly schema: GraphQLSchema;
  /** Fields that may still be selected. */
  left: number;
  readonly declared: string[];
  readonly variables: Record<string, unknown>;
  readonly fragments: string[];
};

const DEPTH = 5;

/** Operations over a schema: random selections, arguments, variables and fragments; of the wild ones, much is wrong. */
export function operations(schema: GraphQLSchema, known: Known): fc.Arbitrary<Operation> {
  return fc.gen().map((g) => {
    const wild = g(fc.integer, { min: 0, max: 9 }) < 4;
    const scope: Scope = {
      schema,
      g,
      known,
      wild,
      left: g(fc.integer, { min: 3, max: 24 }),
      declared: [],
      variables: {},
      fragments: [],
    };
    const kind = kindOf(scope);
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    }[kind]!;
    const selection = selectionOf(scope, root, 0, kind === 'query' ? 3 : 1);
    const declared = scope.declared.length > 0 ? `(${scope.declared.join(', ')})` : '';
    const query = [`${kind} Q${declared} ${selection}`, ...scope.fragments].join('\n');
    const operation = { query, variables: scope.variables, wild };
    return wild ? spoiled(g, operation) : operation;
  });
}

function kindOf({ g, schema, wild }: Scope): Kind {
  const roll = g(fc.integer, { min: 0, max: 19 });
  if (roll < 2 && schema.getMutationType()) return 'mutation';
  return wild && roll === 2 && schema.getSubscriptionType() ? 'subscription' : 'query';
}

function selectionOf(scope: Scope, type: GraphQLObjectType, depth: number, most: number): string {
  const { g, wild } = scope;
  const fields = fieldsOf(g, type);
  const selected: string[] = [];
  for (
    let count = g(fc.integer, { min: 1, max: most });
    count > 0 && (scope.left > 0 || selected.length === 0);
    count -= 1
  ) {
    const open =
      depth >= DEPTH || scope.left <= 0
        ? fields.filter((field) => isLeafType(getNamedType(field.type)) && isFree(field))
        : fields;
    const field = open.length > 0 ? pick(g, open) : undefined;
    selected.push(field ? fieldOf(scope, field, depth, `f${selected.length}_`) : '__typename');
  }
  if (wild && g(fc.integer, { min: 0, max: 24 }) === 0)
    selected.push(
      pick(g, [
        'nothing',
        '__schema',
        '...Missing',
        'id(a: 1)',
        '... on Query { _meta { ready } }',
        '__type(name: "Query") { name }',
      ]),
    );
  if (g(fc.integer, { min: 0, max: 30 }) === 0 && depth > 0) {
    const name = `F${scope.fragments.length}`;
    scope.fragments.push(`fragment ${name} on ${type.name} { ${selected.join(' ')} }`);
    return `{ ...${name} }`;
  }
  return `{ ${selected.join(' ')} }`;
}

/** The many `prepare…` fields would crowd out all others. */
function fieldsOf(g: GeneratorValue, type: GraphQLObjectType) {
  const fields = Object.values(type.getFields());
  if (type.name !== 'Query' || g(fc.integer, { min: 0, max: 9 }) === 0) return fields;
  return fields.filter(({ name }) => !name.startsWith('prepare'));
}

const isFree = ({ args }: GraphQLField<unknown, unknown>) => !args.some(({ type }) => isNonNullType(type));

function fieldOf(scope: Scope, field: GraphQLField<unknown, unknown>, depth: number, alias: string): string {
  scope.left -= 1;
  const given = field.args.flatMap((argument) => argumentOf(scope, argument));
  const args = given.length > 0 ? `(${given.join(', ')})` : '';
  const directive =
    (scope.wild || depth > 0) && scope.g(fc.integer, { min: 0, max: 30 }) === 0
      ? ` @${pick(scope.g, ['include', 'skip'])}(if: ${scope.g(fc.boolean)})`
      : '';
  return `${alias}: ${field.name}${args}${directive}${insideOf(scope, field.type, depth)}`;
}

function insideOf(scope: Scope, output: GraphQLOutputType, depth: number): string {
  const type = getNamedType(output);
  if (isLeafType(type)) return '';
  if (isObjectType(type)) return ` ${selectionOf(scope, type, depth + 1, 3)}`;
  if (!isAbstractType(type)) return '';
  const possible = pick(scope.g, scope.schema.getPossibleTypes(type));
  return ` { __typename ... on ${possible.name} ${selectionOf(scope, possible, depth + 1, 3)} }`;
}

function argumentOf(scope: Scope, { name, type, defaultValue }: GraphQLArgument): string[] {
  const { g, wild } = scope;
  const isNeeded = isNonNullType(type) && defaultValue === undefined;
  if (!isNeeded && g(fc.integer, { min: 0, max: 3 }) > 0) return [];
  // Both ends at once are refused; one in a while is enough.
  if (name === 'last' && g(fc.integer, { min: 0, max: 4 }) > 0) return [];
  const value = inputFor(scope, type, name);
  if (value === undefined) return [];
  if (g(fc.boolean)) {
    const variable = `v${scope.declared.length}`;
    const declared =
      wild && g(fc.integer, { min: 0, max: 14 }) === 0
        ? pick(g, ['String', 'Int!', '[ID!]', 'Nothing', 'Account'])
        : String(type);
    scope.declared.push(`$${variable}: ${declared}`);
    if (!wild || g(fc.integer, { min: 0, max: 14 }) > 0) scope.variables[variable] = value;
    return [`${name}: $${variable}`];
  }
  return [`${name}: ${literal(value, type)}`];
}

/** A value as it stands in a document. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (value === null) return 'null';
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (Array.isArray(value))
    return `[${value.map((item) => literal(item, isListType(type) ? type.ofType : type)).join(', ')}]`;
  if (typeof value === 'object') {
    const fields = isInputObjectType(type) ? type.getFields() : {};
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${literal(item, fields[key]?.type ?? type)}`)
      .join(', ')} }`;
  }
  if (typeof value === 'string')
    return isEnumType(isListType(type) ? type.ofType : type) && /^[A-Z_0-9]+$/.test(value)
      ? value
      : JSON.stringify(value);
  return String(value);
}

/** What goes wrong with whole requests: cut, doubled, circular, with variables and names that fit nothing. */
function spoiled(g: GeneratorValue, operation: Operation): Operation {
  const { query } = operation;
  switch (g(fc.integer, { min: 0, max: 15 })) {
    case 0:
      return { ...operation, query: query.slice(0, g(fc.integer, { min: 0, max: query.length })) };
    case 1:
      return { ...operation, query: `${query}\n${query}` };
    case 2:
      return { ...operation, query: 'query Q { ...A } fragment A on Query { ...B } fragment B on Query { ...A }' };
    case 3:
      return { ...operation, variables: pick(g, ['text', 7, [1], null, { v0: { v0: {} } }]) };
    case 4:
      return { ...operation, operationName: pick(g, ['Other', '', 7, '__proto__']) };
    case 5: {
      const at = g(fc.integer, { min: 0, max: query.length });
      return {
        ...operation,
        query:
          query.slice(0, at) +
          pick(g, ['{', '}', '"', '\\u{D800}', '\u0000', '...', '@x', '"""', '#', '$', '(', '9e999']) +
          query.slice(at),
      };
    }
    case 6:
      return {
        ...operation,
        query: query.replace(/^(\w+ Q(?:\([^)]*\))?)/, `$1 ${'@nothing '.repeat(g(fc.integer, { min: 1, max: 60 }))}`),
      };
    default:
      return operation;
  }
}
