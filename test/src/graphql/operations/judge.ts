import { chainTables } from '@openledger/db/chain';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import type { Operation } from './operation.ts';

export type Reply = { readonly status: number; readonly text: string };

/** Names that only the database knows: their underscores keep them apart from the words of the API. */
const tables = Object.values(chainTables)
  .map((table) => getTableConfig(table as PgTable).name)
  .filter((name) => name.includes('_'));

/** What no message may say: SQL, the database's own words, traces, and where our files are. */
const leaks: readonly RegExp[] = [
  /\b(select|insert into|delete from|left join lateral)\b.+\b(from|values|where)\b/i,
  /\b(SQLSTATE|postgres|drizzle|pothos|relation "|operator does not exist|invalid input syntax|out of range for type|statement timeout)/i,
  /\bat (async )?[\w.<>]+ \(|node_modules|\/(src|work|home|usr|tmp)\/|\.ts:\d/,
  new RegExp(`\\b(${tables.join('|')})\\b`),
  /\b(d\d+|chain|app)"?\."/,
];

type Failure = { readonly message?: unknown; readonly extensions?: { readonly code?: unknown } };

/** What is wrong with an answer; undefined when nothing is. */
export function faultOf(operation: Operation, { status, text }: Reply): string | undefined {
  if (status >= 500) return `status ${status}`;
  // Yoga has no body for who takes no form of answer that there is.
  if (status === 406) return undefined;
  let body: { data?: unknown; errors?: readonly Failure[] };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    return 'the answer is not JSON';
  }
  if (body.data === undefined && body.errors === undefined) return 'neither data nor errors';
  for (const { message, extensions } of body.errors ?? []) {
    if (typeof message !== 'string' || message === '') return 'an error without a message';
    if (typeof extensions?.code !== 'string') return `an error without a code: ${message}`;
    if (extensions.code === 'INTERNAL_SERVER_ERROR') return 'INTERNAL_SERVER_ERROR';
    if (extensions.code === 'QUERY_TIMEOUT') return 'over the statement timeout';
    if (extensions.code === 'GRAPHQL_VALIDATION_FAILED' && !operation.wild)
      return `a valid operation is called invalid: ${message}`;
    const leak = leaks.find((pattern) => pattern.test(message));
    if (leak) return `a message tells of the inside (${leak}): ${message}`;
  }
  return undefined;
}
