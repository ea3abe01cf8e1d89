import fc, { type GeneratorValue } from 'fast-check';
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** Real ids and cursors of the database asked, so that operations reach rows. */
export type Known = { readonly ids: readonly string[]; readonly cursors: readonly string[] };

/** How a value is drawn: `tame` values are of their type, `wild` ones may be anything. */
export type Draw = { readonly g: GeneratorValue; readonly known: Known; readonly wild: boolean };

const hexOf = (bytes: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)).map((digits) => `0x${digits}`);
const smallAddress = fc.integer({ min: 1, max: 12 }).map((n) => `0x${n.toString(16).padStart(40, '0')}`);
const smallHash = fc
  .constantFrom(90, 91, 700, 800, 5000, 5001, 5013)
  .map((n) => `0x${n.toString(16).padStart(64, '0')}`);

const scalars: Record<string, fc.Arbitrary<unknown>> = {
  Int: fc.integer({ min: 0, max: 5 }),
  Float: fc.double({ min: 0, max: 100, noNaN: true }),
  Boolean: fc.boolean(),
  String: fc.oneof(
    fc.constantFrom('Licences', '100%_sure', 'a', '_', '\\'),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  ),
  BigInt: fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    fc.integer({ min: 0, max: 60 }).map(String),
    fc.constantFrom(
      `${2n ** 256n - 1n}`,
      `${2n ** 64n}`,
      `${2n ** 63n - 1n}`,
      `${2n ** 63n}`,
      '00',
      '1000000000000000000',
    ),
  ),
  DateTime: fc
    .date({ min: new Date('2026-01-01'), max: new Date('2027-06-01'), noInvalidDate: true })
    .map((date) => `${date.toISOString().slice(0, 19)}Z`),
  Address: fc.oneof({ weight: 4, arbitrary: smallAddress }, { weight: 1, arbitrary: hexOf(20) }),
  Bytes32: fc.oneof({ weight: 3, arbitrary: smallHash }, { weight: 1, arbitrary: hexOf(32) }),
  Hex: fc.integer({ min: 0, max: 6 }).chain(hexOf),
};

/** What no client should send, and some do: other types, sizes that nothing holds, text that is hardly any. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e308,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    '',
    '0x',
    '-1',
    '1e9',
    'NaN',
    'null',
    [],
    {},
    [[]],
  ),
  fc.constantFrom(
    `${2n ** 256n}`,
    '9'.repeat(500),
    `0x${'f'.repeat(66)}`,
    '2026-02-30T00:00:00Z',
    '+999999-01-01T00:00:00Z',
    '0000-00-00T00:00:00Z',
  ),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    '\u202e\u2066',
    '%',
    '\\',
    "'; --",
    '"',
    '\u{1f9ea}'.repeat(40),
    'e\u0301'.repeat(100),
    '\ufeff',
    '\r\n\t',
    'x'.repeat(5000),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }).map(String),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('eq', 'in', 'and', 'not', 'field', '__proto__'), fc.integer(), { maxKeys: 2 }),
);

/** One of a list. By its place: fast-check compares arguments deeply, and a schema is deep. */
export function pick<T>(g: GeneratorValue, list: readonly T[]): T {
  return list[g(fc.integer, { min: 0, max: list.length - 1 })]!;
}

const oddOf = () => odd;
const scalarOf = (name: string) => scalars[name] ?? odd;

/** A value for an argument or an input field; undefined leaves it out. */
export function inputFor(draw: Draw, type: GraphQLInputType, name: string, depth = 0): unknown {
  const { g, known, wild } = draw;
  if (isNonNullType(type)) return inputFor(draw, type.ofType, name, depth) ?? inner(draw, type.ofType, name, depth);
  if (wild && g(fc.integer, { min: 0, max: 11 }) === 0) return g(oddOf);
  if ((name === 'after' || name === 'before') && known.cursors.length > 0) {
    // Most are of another list, and refused.
    return g(fc.integer, { min: 0, max: wild ? 3 : 15 }) === 0 ? pick(g, known.cursors) : undefined;
  }
  return inner(draw, type, name, depth);
}

function inner(draw: Draw, type: GraphQLInputType, name: string, depth: number): unknown {
  const { g, known } = draw;
  if (isNonNullType(type)) return inputFor(draw, type, name, depth);
  if (isListType(type)) {
    const length = g(fc.integer, { min: name === 'ids' ? 0 : 1, max: 3 });
    const items = Array.from({ length }, () => inputFor(draw, type.ofType, name, depth + 1));
    return name === 'orderBy' && !draw.wild ? distinctKeys(items as { field: string }[]) : items;
  }
  if (isEnumType(type))
    return pick(
      g,
      type.getValues().map((value) => value.name),
    );
  if (isInputObjectType(type)) return objectOf(draw, type, depth);
  if (type.name === 'ID') return known.ids.length > 0 ? pick(g, known.ids) : 'RGF0YW5ldDox';
  return g(scalarOf, type.name);
}

/** An order names a key once. */
const distinctKeys = (keys: readonly { field: string }[]) => [...new Map(keys.map((key) => [key.field, key])).values()];

/** Some fields of an input object: all that it must have, and a few others. */
function objectOf(draw: Draw, type: GraphQLInputObjectType, depth: number): Record<string, unknown> {
  const { g } = draw;
  const fields = Object.values(type.getFields());
  const optional = fields.filter(
    ({ type }) => !isNonNullType(type) && (depth < 3 || !/^(and|or|not)$/.test(type.toString())),
  );
  const chosen =
    optional.length === 0 ? [] : Array.from({ length: g(fc.integer, { min: 0, max: 2 }) }, () => pick(g, optional));
  const made = new Map<string, unknown>();
  for (const field of new Set([...fields.filter(({ type }) => isNonNullType(type)), ...chosen])) {
    if (depth >= 4 && /^(and|or|not)$/.test(field.name) && isInputObjectType(type)) continue;
    const value = inputFor(draw, field.type, field.name, depth + 1);
    if (value !== undefined) made.set(field.name, value);
  }
  return Object.fromEntries(made);
}
