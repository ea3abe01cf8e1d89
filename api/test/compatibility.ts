import {
  type BreakingChangeType,
  findBreakingChanges,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** What a client can name, by its place in the schema, with the reason why it is deprecated if it is. */
type Named = ReadonlyMap<string, string | null | undefined>;

function namedIn(schema: GraphQLSchema): Named {
  const named = new Map<string, string | null | undefined>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isEnumType(type)) {
      for (const value of type.getValues()) named.set(`${type.name}.${value.name}`, value.deprecationReason);
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields()))
        named.set(`${type.name}.${field.name}`, field.deprecationReason);
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        named.set(`${type.name}.${field.name}`, field.deprecationReason);
        for (const argument of field.args) {
          named.set(
            `${type.name}.${field.name}(${argument.name}:)`,
            argument.deprecationReason ?? field.deprecationReason,
          );
        }
      }
    }
  }
  return named;
}

/** Removals, which `namedIn` looks at one by one; a type without a field that gives it can be gone as well. */
const removals = [
  'FIELD_REMOVED',
  'ARG_REMOVED',
  'VALUE_REMOVED_FROM_ENUM',
  'TYPE_REMOVED',
] satisfies (keyof typeof BreakingChangeType)[];

/** The last day on which a deprecated element is served, as its reason says: "Use x. Served until 2027-03-01." */
export function servedUntil(reason: string): Date | undefined {
  const [, day] = /Served until (\d{4}-\d{2}-\d{2})\.$/.exec(reason) ?? [];
  return day === undefined ? undefined : new Date(`${day}T23:59:59Z`);
}

/** What a client of `released` would miss in `current`: gone without notice or too early, or of another type. */
export function brokenSince(released: GraphQLSchema, current: GraphQLSchema, now: Date): string[] {
  const there = namedIn(current);
  const gone = [...namedIn(released)].flatMap(([place, reason]) => {
    if (there.has(place)) return [];
    const until = reason == null ? undefined : servedUntil(reason);
    if (until === undefined) return [`${place} is gone and was never deprecated`];
    return until > now ? [`${place} is gone and was to be served until ${until.toISOString().slice(0, 10)}`] : [];
  });
  const changed = findBreakingChanges(released, current).filter(({ type }) => !removals.includes(type as never));
  return [...gone, ...changed.map(({ description }) => description)];
}

/** Deprecated elements whose reason does not say until when they are served. */
export function unannounced(schema: GraphQLSchema): string[] {
  return [...namedIn(schema)].flatMap(([place, reason]) =>
    reason == null || servedUntil(reason) !== undefined ? [] : [`${place}: ${reason}`],
  );
}
