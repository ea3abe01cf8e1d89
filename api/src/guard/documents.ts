import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.ts';

/** What a request and its document may hold at most, checked before anything is validated or runs. */
export const documentLimits = {
  bodyBytes: 100_000,
  tokens: 3000,
  aliases: 60,
  directives: 30,
  /** Fragment spreads: each is walked once for every other. */
  spreads: 100,
  /** Fields of one name in one selection, fragments included: validation compares each with each. */
  duplicates: 30,
  /** Root fields of one operation: each is a query of its own. */
  rootFields: 30,
  /** Selections with every fragment written out. */
  fields: 1000,
  /** Nesting with every fragment written out; what a schema's own fields may nest is in `limits`. */
  depth: 30,
  /** `__schema` and `__type`: each answers with the whole schema. */
  introspections: 2,
};

type Measure = {
  aliases: number;
  directives: number;
  spreads: number;
  duplicates: number;
  rootFields: number;
  fields: number;
  depth: number;
  introspections: number;
  /** A fragment that spreads itself. */
  circular: string | undefined;
};

/** What a selection comes to with its fragments written out. */
type Extent = { readonly depth: number; readonly fields: number; readonly names: ReadonlyMap<string, number> };

const NOTHING: Extent = { depth: 0, fields: 0, names: new Map() };

/** Measures a document in time linear in its size: each fragment is looked into once. */
export function measure(document: DocumentNode): Measure {
  const result: Measure = {
    aliases: 0,
    directives: 0,
    spreads: 0,
    duplicates: 0,
    rootFields: 0,
    fields: 0,
    depth: 0,
    introspections: 0,
    circular: undefined,
  };
  visit(document, {
    Field(node) {
      if (node.alias) result.aliases += 1;
      if (node.name.value === '__schema' || node.name.value === '__type') result.introspections += 1;
    },
    Directive() {
      result.directives += 1;
    },
    FragmentSpread() {
      result.spreads += 1;
    },
  });
  // Writing out many fragments costs names times spreads; such a document is refused already.
  if (result.spreads > documentLimits.spreads) return result;

  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Extent>();
  const open = new Set<string>();

  const extentOfFragment = (name: string): Extent => {
    const existing = known.get(name);
    if (existing) return existing;
    if (open.has(name)) {
      result.circular ??= name;
      return NOTHING;
    }
    const fragment = fragments.get(name);
    if (!fragment) return NOTHING;
    open.add(name);
    const extent = extentOf(fragment.selectionSet);
    open.delete(name);
    known.set(name, extent);
    return extent;
  };

  const extentOf = (set: SelectionSetNode): Extent => {
    const names = new Map<string, number>();
    let depth = 0;
    let fields = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet ? extentOf(selection.selectionSet) : NOTHING;
        depth = Math.max(depth, inner.depth + 1);
        fields += inner.fields + 1;
        const name = responseName(selection);
        names.set(name, (names.get(name) ?? 0) + 1);
      } else {
        const inner =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? extentOfFragment(selection.name.value)
            : extentOf(selection.selectionSet);
        depth = Math.max(depth, inner.depth);
        fields += inner.fields;
        for (const [name, count] of inner.names) names.set(name, (names.get(name) ?? 0) + count);
      }
    }
    for (const count of names.values()) result.duplicates = Math.max(result.duplicates, count);
    return { depth, fields, names };
  };

  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) extentOfFragment(definition.name.value);
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const extent = extentOf(definition.selectionSet);
    let rootFields = 0;
    for (const count of extent.names.values()) rootFields += count;
    result.rootFields = Math.max(result.rootFields, rootFields);
    result.fields += extent.fields;
    result.depth = Math.max(result.depth, extent.depth);
  }
  return result;
}

function responseName({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

const counted = [
  ['aliases', 'aliases'],
  ['directives', 'directives'],
  ['spreads', 'fragment spreads'],
  ['duplicates', 'fields of one name in one selection'],
  ['rootFields', 'fields at its root'],
  ['fields', 'fields with its fragments written out'],
  ['depth', 'levels of nesting'],
  ['introspections', 'introspections'],
] as const;

/** What is wrong with the size or shape of a document, before its meaning is looked at. */
function refusals(document: DocumentNode, introspection: boolean): GraphQLError[] {
  const found = measure(document);
  const refuse = (code: ErrorCode, message: string) =>
    new GraphQLError(message, { nodes: document.definitions.slice(0, 1), extensions: { code } });
  if (found.circular !== undefined) {
    return [refuse('GRAPHQL_VALIDATION_FAILED', `Cannot spread fragment "${found.circular}" within itself.`)];
  }
  if (found.introspections > 0 && !introspection) {
    return [refuse('INTROSPECTION_OFF', 'Introspection is off here: __schema and __type are not answered.')];
  }
  return counted
    .filter(([key]) => found[key] > documentLimits[key])
    .map(([key, what]) =>
      refuse('QUERY_TOO_COMPLEX', `The document has ${found[key]} ${what}; at most ${documentLimits[key]} are served.`),
    );
}

/** Bounds what parsing and validation may cost; the same document is looked at once. */
export function useDocumentLimits({ introspection }: { introspection: boolean }): Plugin {
  const known = new WeakMap<DocumentNode, GraphQLError[]>();
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: documentLimits.tokens }));
    },
    onValidate({ params: { documentAST }, setResult }) {
      let refused = known.get(documentAST);
      if (refused === undefined) {
        refused = refusals(documentAST, introspection);
        known.set(documentAST, refused);
      }
      if (refused.length > 0) setResult(refused);
    },
  };
}
