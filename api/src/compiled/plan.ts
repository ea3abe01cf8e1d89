import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { entityNamed } from '../schema/entity.ts';
import type { TableName } from '../schema/orders.ts';
import { type Reading, readingOf } from '../schema/reading.ts';

export type Variables = { readonly [name: string]: unknown };
type Args = (variables: Variables) => Readonly<Record<string, unknown>>;

type Keyed<Kind extends string, Rest = unknown> = { readonly kind: Kind; readonly key: string } & Rest;
export type Typename = Keyed<'typename', { readonly name: string }>;

/** The fields of one row, in the order of the answer. */
export type RowPlan = { readonly table: TableName; readonly fields: readonly RowField[] };
export type RowField =
  | Typename
  | Keyed<'id'>
  | Keyed<'column', { readonly reading: Of<'column'> }>
  | Keyed<'one', { readonly reading: Of<'one'>; readonly row: RowPlan }>
  | ListPlan
  | BucketsPlan;

export type ListPlan = Keyed<
  'list',
  {
    readonly reading: Of<'list'>;
    readonly args: Args;
    readonly fields: readonly ConnectionField[];
    readonly node: FieldNode;
  }
>;
export type ConnectionField =
  | Typename
  | Keyed<'totalCount'>
  | Keyed<'nodes', { readonly row: RowPlan }>
  | Keyed<'edges', { readonly fields: readonly EdgeField[] }>
  | Keyed<'pageInfo', { readonly fields: readonly PageInfoField[] }>;
export type EdgeField = Typename | Keyed<'cursor'> | Keyed<'node', { readonly row: RowPlan }>;
export type PageInfoField = Typename | Keyed<'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor'>;

export type BucketsPlan = Keyed<
  'buckets',
  {
    readonly reading: Of<'buckets'>;
    readonly args: Args;
    readonly node: FieldNode;
    readonly fields: readonly (Typename | Keyed<'counter', { readonly column: string }>)[];
  }
>;
type Of<K extends Reading['kind']> = Extract<Reading, { kind: K }>;

export type RootField =
  | Typename
  | ListPlan
  | BucketsPlan
  | Keyed<'row', { readonly reading: Of<'row'>; readonly args: Args; readonly row: RowPlan; readonly node: FieldNode }>
  /** Resolved by graphql-js: what it needs is in memory. */
  | Keyed<'meta', { readonly nodes: readonly FieldNode[] }>;

/** An operation as what it reads, or undefined when one of its fields does not say that. */
export function planOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): readonly RootField[] | undefined {
  const root = schema.getQueryType();
  if (operation.operation !== 'query' || !root) return undefined;
  try {
    return new Planner(schema, fragments, variables).roots(root, operation.selectionSet);
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}

class NotReadable extends Error {}

type Selected = {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
};

class Planner {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Variables;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, variables: Variables) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  roots(type: GraphQLObjectType, selections: SelectionSetNode): RootField[] {
    return this.#select(type, [selections], (selected): RootField => {
      const { key, nodes, field } = selected;
      if (field.name === '_meta') return { kind: 'meta', key, nodes };
      const reading = readingOf(field);
      switch (reading?.kind) {
        case 'list':
          return this.#list(selected, reading);
        case 'buckets':
          return this.#buckets(selected, reading);
        case 'row':
          return { kind: 'row', key, reading, args: argsOf(selected), row: this.#row(selected), node: nodes[0]! };
        default:
          throw new NotReadable(field.name);
      }
    });
  }

  #row(selected: Selected): RowPlan {
    const type = objectOf(selected.field);
    const entity = entityNamed(type.name);
    if (!entity) throw new NotReadable(type.name);
    const fields = this.#select(type, selectionsOf(selected), (inner): RowField => {
      const { key, field } = inner;
      if (field.name === 'id') return { kind: 'id', key };
      const reading = readingOf(field);
      switch (reading?.kind) {
        case 'column':
          return { kind: 'column', key, reading };
        case 'one':
          return { kind: 'one', key, reading, row: this.#row(inner) };
        case 'list':
          return this.#list(inner, reading);
        case 'buckets':
          return this.#buckets(inner, reading);
        default:
          throw new NotReadable(field.name);
      }
    });
    return { table: entity.table, fields };
  }

  #list(selected: Selected, reading: Of<'list'>): ListPlan {
    const fields = this.#select(objectOf(selected.field), selectionsOf(selected), (inner): ConnectionField => {
      const { key, field } = inner;
      switch (field.name) {
        case 'totalCount':
          return { kind: 'totalCount', key };
        case 'nodes':
          return { kind: 'nodes', key, row: this.#row(inner) };
        case 'edges':
          return { kind: 'edges', key, fields: this.#edge(inner) };
        case 'pageInfo':
          return { kind: 'pageInfo', key, fields: this.#pageInfo(inner) };
        default:
          throw new NotReadable(field.name);
      }
    });
    return { kind: 'list', key: selected.key, reading, args: argsOf(selected), fields, node: selected.nodes[0]! };
  }

  #edge(selected: Selected): EdgeField[] {
    return this.#select(objectOf(selected.field), selectionsOf(selected), (inner): EdgeField => {
      const { key, field } = inner;
      if (field.name === 'cursor') return { kind: 'cursor', key };
      if (field.name === 'node') return { kind: 'node', key, row: this.#row(inner) };
      throw new NotReadable(field.name);
    });
  }

  #pageInfo(selected: Selected): PageInfoField[] {
    return this.#select(objectOf(selected.field), selectionsOf(selected), ({ key, field }): PageInfoField => {
      switch (field.name) {
        case 'hasNextPage':
        case 'hasPreviousPage':
        case 'startCursor':
        case 'endCursor':
          return { kind: field.name, key };
        default:
          throw new NotReadable(field.name);
      }
    });
  }

  #buckets(selected: Selected, reading: Of<'buckets'>): BucketsPlan {
    const fields = this.#select(objectOf(selected.field), selectionsOf(selected), ({ key, field }) => ({
      kind: 'counter' as const,
      key,
      column: field.name,
    }));
    return { kind: 'buckets', key: selected.key, reading, args: argsOf(selected), fields, node: selected.nodes[0]! };
  }

  /** The fields of a type that selections name, merged by response key, as the specification's CollectFields does. */
  #select<T>(
    type: GraphQLObjectType,
    selections: readonly SelectionSetNode[],
    make: (selected: Selected) => T,
  ): (T | Typename)[] {
    const grouped = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    for (const selection of selections) this.#collect(type, selection, grouped, visited);
    return [...grouped].map(([key, nodes]) => {
      const { name } = nodes[0]!;
      if (name.value === '__typename') return { kind: 'typename', key, name: type.name };
      const field = type.getFields()[name.value];
      if (!field) throw new NotReadable(name.value);
      return make({ key, nodes, field });
    });
  }

  #collect(type: GraphQLObjectType, set: SelectionSetNode, grouped: Map<string, FieldNode[]>, visited: Set<string>) {
    for (const selection of set.selections) {
      if (!this.#isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const nodes = grouped.get(key);
        if (nodes) nodes.push(selection);
        else grouped.set(key, [selection]);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const { typeCondition } = selection;
        if (!typeCondition || this.#applies(typeCondition.name.value, type)) {
          this.#collect(type, selection.selectionSet, grouped, visited);
        }
        continue;
      }
      const name = selection.name.value;
      if (visited.has(name)) continue;
      visited.add(name);
      const fragment = this.#fragments.get(name);
      if (fragment && this.#applies(fragment.typeCondition.name.value, type)) {
        this.#collect(type, fragment.selectionSet, grouped, visited);
      }
    }
  }

  #isIncluded(node: SelectionSetNode['selections'][number]): boolean {
    if (!node.directives?.length) return true;
    if (getDirectiveValues(GraphQLSkipDirective, node, this.#variables)?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.if !== false;
  }

  #applies(condition: string, type: GraphQLObjectType): boolean {
    if (condition === type.name) return true;
    const named = this.#schema.getType(condition);
    return isAbstractType(named) && this.#schema.isSubType(named, type);
  }
}

function objectOf(field: GraphQLField<unknown, unknown>): GraphQLObjectType {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw new NotReadable(field.name);
  return type;
}

function selectionsOf({ nodes }: Selected): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
}

/** The arguments of a field: made once where no variable is in them. */
function argsOf({ field, nodes }: Selected): Args {
  const node = nodes[0]!;
  let varies = false;
  visit(node, {
    Variable: () => {
      varies = true;
    },
    SelectionSet: () => false,
  });
  if (varies) return (variables) => getArgumentValues(field, node, variables);
  const args = getArgumentValues(field, node);
  return () => args;
}
