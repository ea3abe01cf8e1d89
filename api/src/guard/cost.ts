import { type ComplexityResult, complexityFromQuery } from '@pothos/plugin-complexity';
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { userError } from '../errors.ts';
import { limits } from '../schema/builder.ts';
import { measure } from './documents.ts';
import { isWrite } from './writes.ts';

/** The price of an operation, known before it runs. */
export type Price = {
  /** Fields times the page sizes around them. */
  readonly cost: number;
  /** Mutations in it, and subscriptions that write. */
  readonly writes: number;
};

/** What the whole schema costs, which introspection answers with. */
const INTROSPECTION = 500;
/** Prices that are kept for a document, one for each set of variables. */
const KEPT = 100;

const prices = new WeakMap<DocumentNode, Map<string, Price>>();

/**
 * What an operation costs with its variables.
 * @throws QUERY_TOO_COMPLEX for one that nests too deep, selects too much, or may answer with too many rows
 */
export function priceOf({ schema, document, operationName, variableValues }: ExecutionArgs): Price {
  const operation = getOperationAST(document, operationName);
  if (!operation) return { cost: 1, writes: 0 };
  const variables = operation.variableDefinitions?.length ? JSON.stringify(variableValues ?? {}) : '';
  const key = `${operationName ?? ''} ${variables}`;
  let known = prices.get(document);
  if (known === undefined) {
    known = new Map();
    prices.set(document, known);
  }
  const existing = known.get(key);
  if (existing) return existing;
  const price = calculate(schema, document, operation, variableValues ?? {});
  if (known.size >= KEPT) known.clear();
  // Long variables would fill the memory sooner than they save time.
  if (key.length < 2000) known.set(key, price);
  return price;
}

function calculate(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Price {
  const definitions = [operation, ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)];
  const only: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  const { introspections, rootFields } = measure(only);
  const writes = writesOf(schema, operation, only) * rootFields;
  let complexity: ComplexityResult;
  try {
    complexity = complexityFromQuery(only, { schema, variables });
  } catch {
    // Wrong variables: running it says what is wrong with them.
    return { cost: 1, writes };
  }
  checkLimits(complexity);
  return { cost: complexity.complexity + introspections * INTROSPECTION, writes };
}

/** Whether the root fields of an operation write, 1 or 0: a mutation's all do, a subscription has one. */
function writesOf(schema: GraphQLSchema, { operation }: OperationDefinitionNode, document: DocumentNode): 0 | 1 {
  if (operation !== 'subscription') return operation === 'mutation' ? 1 : 0;
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  let writes: 0 | 1 = 0;
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: ({ name }) => {
        const field = fields[name.value];
        if (info.getParentType() === schema.getSubscriptionType() && field && isWrite(field)) writes = 1;
      },
    }),
  );
  return writes;
}

function checkLimits({ depth, breadth, complexity }: ComplexityResult): void {
  if (depth > limits.depth) {
    throw tooComplex(`The query nests ${depth} levels deep; at most ${limits.depth} are served.`);
  }
  if (breadth > limits.breadth) {
    throw tooComplex(`The query selects ${breadth} fields; at most ${limits.breadth} are served.`);
  }
  if (complexity > limits.complexity) {
    throw tooComplex(
      `The query costs ${complexity} (fields times the page sizes around them); at most ${limits.complexity} is served. Ask for smaller pages (first, last) or fewer nested lists.`,
    );
  }
}

function tooComplex(message: string) {
  const error = userError('QUERY_TOO_COMPLEX', message);
  error.extensions.http = { spec: true, status: 400 };
  return error;
}
