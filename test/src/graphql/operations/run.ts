import fc from 'fast-check';
import type { GraphQLSchema } from 'graphql';
import { faultOf } from './judge.ts';
import { type Operation, operations } from './operation.ts';
import type { Known } from './values.ts';

export type Fault = { readonly index: number; readonly fault: string; readonly operation: Operation };
export type Outcome = {
  readonly operations: number;
  /** Answers without errors, and with some. */
  readonly answered: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly faults: readonly Fault[];
};

export type FuzzOptions = {
  /** Without `/graphql`. */
  readonly url: string;
  readonly schema: GraphQLSchema;
  readonly seed: number;
  readonly count: number;
  /** Requests at once. */
  readonly concurrency: number;
  /** Of an account that is signed in: every other request is sent with it. */
  readonly token: string;
  readonly onProgress?: (done: number) => void;
};

/** Operations that are made at a time: what is made is kept until it was sent. */
const BATCH = 1000;

/** Sends `count` generated operations, the same ones for the same seed, and judges each answer. */
export async function fuzz(options: FuzzOptions): Promise<Outcome> {
  const { url, schema, seed, count, concurrency, token, onProgress } = options;
  const made = operations(schema, await knownOf(url, schema));
  const faults: Fault[] = [];
  let [answered, refused, slowestMs] = [0, 0, 0];

  const send = async (operation: Operation, index: number) => {
    const { query, variables, operationName } = operation;
    const began = performance.now();
    const ask = () =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream;q=0.5',
          ...(index % 2 === 0 && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables, operationName }),
        signal: AbortSignal.timeout(30_000),
      });
    // A connection that lay idle may be closed by the server just as it is used again.
    const response = await ask().catch((error: unknown) => (isReset(error) ? ask() : Promise.reject(error)));
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      // A subscription that is accepted goes on for ever; that it is, is all that is asked here.
      await response.body?.cancel();
      answered += 1;
      return;
    }
    const text = await response.text();
    slowestMs = Math.max(slowestMs, performance.now() - began);
    if (text.includes('"errors":[')) refused += 1;
    else answered += 1;
    const fault = faultOf(operation, { status: response.status, text });
    if (fault) faults.push({ index, fault, operation });
  };

  for (let from = 0; from < count; from += BATCH) {
    const batch = fc.sample(made, { numRuns: Math.min(BATCH, count - from), seed: seed + from });
    let next = 0;
    const worker = async () => {
      while (next < batch.length) {
        const at = next++;
        await send(batch[at]!, from + at);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    onProgress?.(Math.min(from + BATCH, count));
  }
  return { operations: count, answered, refused, slowestMs, faults };
}

function isReset(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && ['ECONNRESET', 'UND_ERR_SOCKET'].includes(String(cause.code));
}

/** A few ids and cursors of every list, so that operations reach rows. */
async function knownOf(url: string, schema: GraphQLSchema): Promise<Known> {
  const lists = Object.values(schema.getQueryType()!.getFields()).filter(({ type }) =>
    /Connection!?$/.test(String(type)),
  );
  const known: { ids: string[]; cursors: string[] } = { ids: [], cursors: [] };
  for (const { name } of lists) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ list: ${name}(first: 2) { edges { cursor node { id } } } }` }),
    });
    const { data } = (await response.json()) as {
      data?: { list: { edges: { cursor: string; node: { id: string } }[] } };
    };
    for (const { cursor, node } of data?.list.edges ?? []) {
      known.ids.push(node.id);
      known.cursors.push(cursor);
    }
  }
  return known;
}

/** Faults as a person reads them, the first ten. */
export function describeFaults(seed: number, faults: readonly Fault[]): string {
  const shown = faults
    .slice(0, 10)
    .map(
      ({ index, fault, operation }) =>
        `#${index}: ${fault}\n  ${operation.query}\n  ${JSON.stringify(operation.variables)}`,
    );
  return [`seed ${seed}: ${faults.length} faults`, ...shown].join('\n');
}
