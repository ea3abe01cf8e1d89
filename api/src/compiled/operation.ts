import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Price, priceOf } from '../guard/cost.ts';
import { planOf, type RootField, type Variables } from './plan.ts';
import { createShape } from './shape.ts';
import { type ReadRoot, type Statement, statementOf } from './statement.ts';

/** Plans and prices kept of one operation: they depend on few of its variables. */
const MAX_KEPT = 50;
/** Characters that tell variables of one price from those of another. */
const MAX_KEY = 2000;

/** An operation that was found valid: what it reads, and what that costs, kept for the variables that change it. */
export class Operation {
  readonly document: DocumentNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #hash: string;
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  /** Variables that directives use. */
  readonly #switches: readonly string[];
  readonly #plans = new LRUCache<string, { readonly roots: readonly RootField[] | undefined }>({ max: MAX_KEPT });
  readonly #shapeOf: ReturnType<typeof createShape>;
  readonly #statements = new LRUCache<string, Statement>({ max: MAX_KEPT });
  readonly #prices = new LRUCache<string, Price>({ max: MAX_KEPT });

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, text: string) {
    this.#hash = createHash('sha256').update(text).digest('base64url');
    this.document = document;
    this.#schema = schema;
    this.#operation = operation;
    this.fragments = new Map(
      document.definitions
        .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment]),
    );
    this.#switches = switchesOf(document);
    this.#shapeOf = createShape(schema, operation);
  }

  /** The variables as the schema takes them; undefined when it does not. */
  variables(given: Readonly<Record<string, unknown>>): Variables | undefined {
    const definitions = this.#operation.variableDefinitions ?? [];
    return getVariableValues(this.#schema, definitions, given, { maxErrors: 1 }).coerced;
  }

  /** What it reads with these variables; undefined when a part of it has to be resolved. */
  plan(variables: Variables): readonly RootField[] | undefined {
    const key = this.#switches.map((name) => variables[name]).join();
    const kept = this.#plans.get(key);
    if (kept) return kept.roots;
    const roots = planOf(this.#schema, this.#operation, this.fragments, variables);
    this.#plans.set(key, { roots });
    return roots;
  }

  /**
   * The statement for some of its root fields, always the same ones for the same plan. It is written once for all variables
   * that only differ in values to compare with, where that can be.
   * @throws GraphQLError, NotServed as `statementOf` does
   */
  statement(roots: readonly ReadRoot[], variables: Variables): Statement {
    const { key, slotted } = this.#shapeOf(variables);
    const kept = this.#statements.get(key);
    if (kept) return kept;
    const made = attempt(() => statementOf(roots, slotted));
    if (made === undefined) return statementOf(roots, variables);
    this.#statements.set(key, made);
    return made;
  }

  /** What it costs with the variables as they were given: page sizes count, texts do not. @throws QUERY_TOO_COMPLEX */
  price(given: Readonly<Record<string, unknown>>): Price {
    const key = sizeOf(given);
    const kept = this.#prices.get(key);
    if (kept) return kept;
    const price = priceOf({
      schema: this.#schema,
      document: this.document,
      operationName: this.#operation.name?.value,
      variableValues: given,
    });
    // A long one would fill the memory sooner than it saves time.
    if (key.length < MAX_KEY) this.#prices.set(key, price);
    return price;
  }

  /** The same for the same operation with the same variables. */
  digest(given: Readonly<Record<string, unknown>>): string {
    return `${this.#hash} ${JSON.stringify(given)}`;
  }

  /** The same operation with some of its root fields only. */
  part(selections: readonly FieldNode[]): DocumentNode {
    const operation = { ...this.#operation, selectionSet: { kind: Kind.SELECTION_SET, selections } } as const;
    return { kind: Kind.DOCUMENT, definitions: [operation, ...this.fragments.values()] };
  }
}

export function operationOf(schema: GraphQLSchema, document: DocumentNode, text: string, name: string | undefined) {
  const operation = getOperationAST(document, name);
  return operation?.operation === 'query'
    ? new Operation(schema, document, operation, `${operation.name?.value ?? ''} ${text}`)
    : undefined;
}

/** A slot cannot stand everywhere that a value can, as in a cursor or in a text to search for. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function switchesOf(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      visit(directive, {
        Variable: ({ name }) => {
          names.add(name.value);
        },
      });
    },
  });
  return [...names];
}

/** All that the price of arguments can depend on: numbers, how long lists are, and which conditions filters have. */
function sizeOf(value: unknown): string {
  if (Array.isArray(value)) return value.some(isObject) ? `[${value.map(sizeOf)}]` : `[${value.length}]`;
  if (isObject(value)) return `{${Object.entries(value).map(([name, inner]) => `${name}:${sizeOf(inner)}`)}}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null || value === undefined ? 'none' : 'one';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
