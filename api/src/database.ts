import { type Connection, createDatabase } from '@openledger/db';
import { chainRelations } from '@openledger/db/chain';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import type { ApiDatabase } from './context.ts';
import { MAX_EXPORTS, STALL_MS } from './exports/limits.ts';

/** Connections for queries at most; a query that finds none free waits its turn. */
const POOL_SIZE = 10;
/** Connections for what is asked of the index itself: neither a full pool nor one locked table holds up `/ready`. */
const STATUS_POOL_SIZE = 2;
/** Connections for what is not on chain: sessions, keys, writes. */
const APP_POOL_SIZE = 6;
/** Connections of the feed of what happens, while somebody follows it: its own look, and replays for those who resume. */
export const LIVE_POOL_SIZE = 3;
/** Connections that only listen: for blocks and relays, for webhooks. */
const LISTENING = 2;
/** Connections for downloads: one each, and one to cancel those whose client has gone. */
const EXPORT_POOL_SIZE = MAX_EXPORTS + 1;
/** Connections this process opens at most. */
export const CONNECTIONS = POOL_SIZE + STATUS_POOL_SIZE + APP_POOL_SIZE + LIVE_POOL_SIZE + LISTENING + EXPORT_POOL_SIZE;
export const APPLICATION_NAME = 'openledger-api';
const STATEMENT_TIMEOUT_MS = 5000;
/** The server cancels a question about the index after the first; a server that does not is given up after the second. */
const [STATUS_TIMEOUT_MS, SILENCE_MS] = [2000, 3000];

type QueryListener = (query: string, parameters: unknown[]) => void;

const settings = (max: number, timeoutMs: number) => ({
  max,
  connect_timeout: 5,
  idle_timeout: 60,
  onnotice: () => {},
  connection: {
    application_name: APPLICATION_NAME,
    statement_timeout: timeoutMs,
    default_transaction_read_only: true,
  },
});

/** A pool that reads the chain schema; connects on first use. Statements longer than 5 s are cancelled. */
export function connectDatabase(
  url: string,
  onQuery?: QueryListener,
): { db: ApiDatabase; sql: Sql; close: () => Promise<void> } {
  const client = postgres(url, settings(POOL_SIZE, STATEMENT_TIMEOUT_MS));
  const db = drizzle({ client, relations: chainRelations, ...(onQuery && { logger: { logQuery: onQuery } }) });
  return { db, sql: client, close: () => client.end({ timeout: 5 }) };
}

/** A pool that reads and writes schema `app`; connects on first use. Statements longer than 5 s are cancelled. */
export function connectApp(url: string, onQuery?: QueryListener): Connection {
  return createDatabase({
    url,
    max: APP_POOL_SIZE,
    name: APPLICATION_NAME,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    ...(onQuery && { onQuery: (query, parameters) => onQuery(query, [...parameters]) }),
  });
}

/** Rows of a download come in many small statements; each may take this long, as sorting before the first one can. */
const EXPORT_TIMEOUT_MS = 30_000;

/** Connections for downloads: one each, in a transaction that ends when its client has taken nothing for too long. */
export function connectExports(url: string): { sql: Sql; close: () => Promise<void> } {
  const { connection, ...pool } = settings(EXPORT_POOL_SIZE, EXPORT_TIMEOUT_MS);
  const sql = postgres(url, {
    ...pool,
    prepare: false,
    connection: { ...connection, idle_in_transaction_session_timeout: STALL_MS * 2 },
  });
  return { sql, close: () => sql.end({ timeout: 5 }) };
}

/** Two connections for short questions about the index, cancelled after 2 s. */
export function connectStatus(url: string): { sql: Sql; close: () => Promise<void> } {
  const sql = postgres(url, { ...settings(STATUS_POOL_SIZE, STATUS_TIMEOUT_MS), prepare: false });
  return { sql, close: () => sql.end({ timeout: 5 }) };
}

/** A database that keeps the connection and says nothing, as one that is frozen does. */
class SilentDatabaseError extends Error {
  override readonly name = 'SilentDatabaseError';
  readonly code = 'ETIMEDOUT';
}

/** What a query on such a connection answers. @throws SilentDatabaseError after 3 s without any answer. */
export async function answerOf<T>(query: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const error = new SilentDatabaseError(`The database has said nothing for ${SILENCE_MS} ms.`);
    timer = setTimeout(() => reject(error), SILENCE_MS);
  });
  return Promise.race([query, silence]).finally(() => clearTimeout(timer));
}
