import { type DocumentNode, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';
import { databaseCode, explainDatabaseError } from '../database-errors.ts';
import type { Price } from '../guard/cost.ts';
import { checkVariables } from '../guard/variables.ts';
import type { Halt } from '../halt.ts';
import type { IndexStatus } from '../status.ts';
import { type Operation, operationOf } from './operation.ts';
import type { RootField, Variables } from './plan.ts';
import { createPrepared } from './prepared.ts';

type Given = Readonly<Record<string, unknown>>;

export type Asked = {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables: Given;
};

type Sources = {
  readonly schema: GraphQLSchema;
  readonly sql: Sql;
  readonly readHalt: () => Promise<Halt | null>;
  readonly status: () => Promise<IndexStatus>;
  /** What the resolvers of `_meta` take from the context. */
  readonly context: object;
  readonly countError: (code: string) => void;
  readonly onQuery?: ((query: string, parameters: unknown[]) => void) | undefined;
};

/** An operation that can be answered with one statement. */
export type Answerable = {
  readonly price: Price;
  /** The same for the same question; null when the answer tells more than what is in the index. */
  readonly digest: string | null;
  /** The members of the answer's JSON; undefined when the resolvers have to answer after all, as when something is wrong. */
  readonly answer: () => Promise<string | undefined>;
};

/**
 * The members of the answer when the database gave up: the resolvers would only keep it busy as long once more. Other failures
 * are theirs to tell of. @throws the error that it was given
 */
function timedOut(error: unknown, roots: readonly RootField[], countError: (code: string) => void): string {
  if (databaseCode(error) !== TIMED_OUT) throw error;
  const { code, message } = explainDatabaseError(error)!;
  countError(code);
  const read = roots.filter((root) => 'reading' in root);
  const [only, ...more] = read;
  // Of several, nobody knows which it was.
  const place = more.length === 0 && only ? { nodes: [only.node], path: [only.key] } : {};
  const data = roots.length === 1 && only?.kind === 'row' ? { [only.key]: null } : null;
  const errors = [new GraphQLError(message, { ...place, extensions: { code } })];
  return `"errors":${JSON.stringify(errors)},"data":${JSON.stringify(data)}`;
}

const TIMED_OUT = '57014';

/** A statement with its values. */
type Bound = { readonly text: string; readonly values: string[] };

/** Operations kept; one is seldom over 10 kB. */
const MAX_OPERATIONS = 1000;
/** A longer one is not kept: it is rare, and takes its time anyway. */
const MAX_LENGTH = 20_000;

export type Engine = ReturnType<typeof createEngine>;

/**
 * Answers operations from schema `chain` with one SQL statement each, that writes the answer's JSON. Only operations are
 * answered that once passed everything that stands before execution, and only when nothing is wrong with them or with the
 * index: all else is left to the resolvers, which say what it is.
 */
export function createEngine({ schema, sql, readHalt, status, context, countError, onQuery }: Sources) {
  const operations = new LRUCache<string, Operation | 'unreadable'>({ max: MAX_OPERATIONS });
  const isPrepared = createPrepared();
  const metas = new WeakMap<IndexStatus, Map<unknown, string>>();
  const keyOf = (query: string, name: string | undefined) => (name ? `${name} ${query}` : query);

  async function rowOf({ text, values }: Bound): Promise<readonly (string | null)[]> {
    onQuery?.(text, values);
    const [row] = await sql.unsafe(text, values, { prepare: isPrepared(text) }).values();
    return row as (string | null)[];
  }

  /** The JSON of a `_meta` field, made once for each reading of the status. */
  async function metaOf(operation: Operation, root: Extract<RootField, { kind: 'meta' }>, given: Given) {
    const current = await status();
    let made = metas.get(current);
    if (!made) {
      made = new Map();
      metas.set(current, made);
    }
    const known = made.get(root);
    if (known !== undefined) return known;
    const { data, errors } = await execute({
      schema,
      document: operation.part(root.nodes),
      contextValue: { ...context, status: async () => current },
      variableValues: given,
    });
    if (errors || !data) return undefined;
    const json = JSON.stringify(data[root.key]);
    made.set(root, json);
    return json;
  }

  async function answer(operation: Operation, roots: readonly RootField[], read: Bound | undefined, given: Given) {
    if ((await readHalt()) !== null) return undefined;
    const [row, ...named] = await Promise.all([
      read ? rowOf(read).catch((error: unknown) => timedOut(error, roots, countError)) : [],
      ...roots.map((root) => (root.kind === 'meta' ? metaOf(operation, root, given) : undefined)),
    ]);
    if (typeof row === 'string') return row;
    let data = '';
    let column = 0;
    for (const [index, root] of roots.entries()) {
      const json = root.kind === 'typename' ? `"${root.name}"` : root.kind === 'meta' ? named[index] : row[column++];
      if (json === undefined || json === null) return undefined;
      data += `${index === 0 ? '{' : ','}"${root.key}":${json}`;
    }
    return `"data":${data}}`;
  }

  /** What an operation reads with these variables. @throws GraphQLError, NotServed */
  function boundOf(operation: Operation, roots: readonly RootField[], variables: Variables): Bound | undefined {
    const readable = roots.filter((root) => root.kind === 'list' || root.kind === 'buckets' || root.kind === 'row');
    if (readable.length === 0) return undefined;
    const { text, parameters } = operation.statement(readable, variables);
    return { text, values: parameters.bind(variables) };
  }

  return {
    /** Takes note of an operation that has passed parsing, validation and whatever else comes before execution. */
    admit(query: string, name: string | undefined, document: DocumentNode): void {
      const key = keyOf(query, name);
      if (query.length > MAX_LENGTH || operations.has(key)) return;
      operations.set(key, operationOf(schema, document, query, name) ?? 'unreadable');
    },

    /** @returns undefined for an operation that is not known, or that has to be resolved. */
    find({ query, operationName, variables: given }: Asked): Answerable | undefined {
      const operation = operations.get(keyOf(query, operationName));
      if (operation === undefined || operation === 'unreadable') return undefined;
      try {
        checkVariables(given);
        const variables = operation.variables(given);
        const roots = variables && operation.plan(variables);
        if (!roots) return undefined;
        const price = operation.price(given);
        const bound = boundOf(operation, roots, variables);
        const digest = roots.some(({ kind }) => kind === 'meta') ? null : operation.digest(given);
        return { price, digest, answer: () => answer(operation, roots, bound, given).catch(() => undefined) };
      } catch {
        // The resolvers say what is wrong.
        return undefined;
      }
    },
  };
}
