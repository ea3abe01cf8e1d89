import { chainRelations } from '@openledger/db/chain';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { ApiDatabase } from './context.ts';

/** Connections at most; a query that finds none free waits its turn. */
export const POOL_SIZE = 10;
export const APPLICATION_NAME = 'openledger-api';
const STATEMENT_TIMEOUT_MS = 5000;

type QueryListener = (query: string, parameters: unknown[]) => void;

/** A pool that reads the chain schema; connects on first use. Statements longer than 5 s are cancelled. */
export function connectDatabase(url: string, onQuery?: QueryListener): { db: ApiDatabase; close: () => Promise<void> } {
  const client = postgres(url, {
    max: POOL_SIZE,
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => {},
    connection: {
      application_name: APPLICATION_NAME,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      default_transaction_read_only: true,
    },
  });
  const db = drizzle({ client, relations: chainRelations, ...(onQuery && { logger: { logQuery: onQuery } }) });
  return { db, close: () => client.end({ timeout: 5 }) };
}
