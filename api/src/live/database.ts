import { chainRelations } from '@openledger/db/chain';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import type { ApiDatabase } from '../context.ts';
import { APPLICATION_NAME, LIVE_POOL_SIZE } from '../database.ts';

const STATEMENT_TIMEOUT_MS = 5000;

/** A pool of the feed's own, so that a long replay keeps no query waiting, and no query the feed. */
export function connectLive(url: string): { sql: Sql; db: ApiDatabase; close: () => Promise<void> } {
  const sql = postgres(url, {
    max: LIVE_POOL_SIZE,
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => {},
    connection: {
      application_name: APPLICATION_NAME,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      default_transaction_read_only: true,
    },
  });
  const db = drizzle({ client: sql, relations: chainRelations });
  return { sql, db, close: () => sql.end({ timeout: 1 }) };
}
