import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import { schema } from '../src/schema/index.ts';
import { readingOf } from '../src/schema/reading.ts';

/** A generated operation, and the values of the variables it has. */
export type GeneratedOperation = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

/** Values that the seeded world has in its columns, and some that it has not. */
const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  BigInt: fc.constantFrom('0', '1', '2', '3', '7', '40', '100', '1000000000000000000', `${2n ** 200n}`).map(quoted),
  DateTime: fc
    .constantFrom('2026-01-01T00:00:00Z', '2026-09-22T10:00:00Z', '2026-09-24T00:00:00+02:00', '2040-01-01T00:00:00Z')
    .map(quoted),
  Address: fc.integer({ min: 0, max: 12 }).map((n) => quoted(`0x${n.toString(16).padStart(40, '0')}`)),
  Bytes32: fc.integer({ min: 0, max: 70 }).map((n) => quoted(`0x${n.toString(16).padStart(64, '0')}`)),
  Hex: fc.constantFrom('0x', '0x12', '0x1234').map(quoted),
  String: fc
    .constantFrom('', 'e', 'Licences', 'OPEN', '%', '_', '\\', '"', "it's", 'contributor')
    .map((text) => JSON.stringify(text)),
  Int: fc.integer({ min: 0, max: 12 }).map(String),
  Boolean: fc.boolean().map(String),
};

function quoted(text: string): string {
  return `"${text}"`;
}

/** A literal of an input type. */
function literal(type: GraphQLInputType, depth: number): fc.Arbitrary<string> {
  if (isNonNullType(type)) return literal(type.ofType, depth);
  if (isListType(type)) {
    return fc
      .array(literal(type.ofType, depth), { minLength: 1, maxLength: 3 })
      .map((items) => `[${items.join(', ')}]`);
  }
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) return inputObject(type, depth);
  return values[type.name]!;
}

function inputObject(type: GraphQLInputObjectType, depth: number): fc.Arbitrary<string> {
  const fields = Object.values(type.getFields());
  const required = fields.filter((field) => isNonNullType(field.type));
  const optional = fields.filter(
    (field) => !isNonNullType(field.type) && (depth > 0 || !['and', 'or', 'not'].includes(field.name)),
  );
  const chosen = required.length > 0 ? fc.constant(required) : fc.subarray(optional, { minLength: 1, maxLength: 2 });
  return chosen
    .chain((some) =>
      fc.tuple(...some.map((field) => literal(field.type, depth - 1).map((text) => `${field.name}: ${text}`))),
    )
    .map((parts) => `{ ${parts.join(', ')} }`);
}

/** The arguments of a list: a page, and perhaps a filter and orders. */
function listArguments(field: GraphQLField<unknown, unknown>): fc.Arbitrary<string> {
  const typeOf = (name: string) => field.args.find((argument) => argument.name === name)!.type;
  const size = fc.integer({ min: 0, max: 6 });
  const optional = (name: string, depth: number) =>
    fc.option(
      literal(typeOf(name), depth).map((text) => `${name}: ${text}`),
      { nil: undefined, freq: 1 },
    );
  return fc
    .tuple(
      fc.oneof(
        size.map((n) => `first: ${n}`),
        size.map((n) => `last: ${n}`),
      ),
      optional('filter', 2),
      // Several keys are tested by their own tests; twice the same is refused.
      fc.option(
        literal(getNamedType(typeOf('orderBy')) as GraphQLInputObjectType, 0).map((text) => `orderBy: ${text}`),
        { nil: undefined },
      ),
    )
    .map((parts) => parts.filter((part) => part !== undefined).join(', '));
}

/** A field with its arguments and selections; undefined where it does not say what it reads. */
function field(definition: GraphQLField<unknown, unknown>, depth: number): fc.Arbitrary<string> | undefined {
  const reading = readingOf(definition);
  const type = getNamedType(definition.type) as GraphQLObjectType;
  switch (definition.name === 'id' ? 'column' : reading?.kind) {
    case 'column':
      return fc.constant(definition.name);
    case 'one':
      return depth > 0 ? row(type, depth - 1).map((inner) => `${definition.name} ${inner}`) : undefined;
    case 'row':
      return fc
        .tuple(
          fc.tuple(
            ...definition.args.map((argument) => literal(argument.type, 0).map((text) => `${argument.name}: ${text}`)),
          ),
          row(type, depth),
        )
        .map(([args, inner]) => `${definition.name}(${args.join(', ')}) ${inner}`);
    case 'list':
      return depth > 0
        ? fc
            .tuple(listArguments(definition), connection(type, depth - 1))
            .map(([args, inner]) => `${definition.name}(${args}) ${inner}`)
        : undefined;
    case 'buckets': {
      const counters = Object.values(type.getFields()).filter(({ type: of }) => isScalarType(getNamedType(of)));
      return fc
        .tuple(fc.constantFrom('HOUR', 'DAY'), fc.subarray(counters, { minLength: 1, maxLength: 4 }))
        .map(
          ([interval, some]) =>
            `${definition.name}(interval: ${interval}) { ${some.map(({ name }) => name).join(' ')} }`,
        );
    }
    default:
      return undefined;
  }
}

function row(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const fields = Object.values(type.getFields())
    .map((definition) => field(definition, depth))
    .filter((made) => made !== undefined);
  return fc
    .tuple(
      fc.subarray(fields, { minLength: 1, maxLength: 5 }).chain((some) => fc.tuple(...some)),
      fc.boolean(),
    )
    .map(
      ([parts, typename]) =>
        `{ ${parts.map((part, index) => `f${index}: ${part}`).join(' ')}${typename ? ' __typename' : ''} }`,
    );
}

function connection(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const node = getNamedType(type.getFields().nodes!.type) as GraphQLObjectType;
  const parts = [
    fc.constant('totalCount'),
    fc.constant('pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'),
    fc.constant('__typename'),
    row(node, depth).map((inner) => `nodes ${inner}`),
    row(node, depth).map((inner) => `edges { cursor node ${inner} }`),
  ];
  return fc
    .subarray(parts, { minLength: 1, maxLength: 3 })
    .chain((some) => fc.tuple(...some))
    .map((some) => `{ ${some.join(' ')} }`);
}

/** Valid operations of one to three root fields, all of which say what they read. */
export function operations(): fc.Arbitrary<string> {
  const roots = Object.values(schema.getQueryType()!.getFields())
    .filter((definition) => ['list', 'row', 'buckets'].includes(readingOf(definition)?.kind ?? ''))
    .map((definition) => field(definition, 3)!);
  return fc
    .array(fc.nat({ max: roots.length - 1 }), { minLength: 1, maxLength: 3 })
    .chain((chosen) => fc.tuple(...chosen.map((index) => roots[index]!)))
    .map((parts) => `{ ${parts.map((part, index) => `r${index}: ${part}`).join(' ')} }`);
}
