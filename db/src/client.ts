import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

export type Database = PostgresJsDatabase;

export type DatabaseOptions = {
  url: string;
  /** Connections at most. */
  max?: number;
  /** A statement that runs longer is ended by the server; 0 for no limit. */
  statementTimeoutMs?: number;
  /** Shown in pg_stat_activity. */
  name?: string;
  /** Told of each statement, for tests that look at the SQL. */
  onQuery?: (text: string, params: readonly unknown[]) => void;
};

export type Connection = {
  readonly db: Database;
  readonly sql: postgres.Sql;
  close(): Promise<void>;
};

/** Opens a pool. Nothing is sent until the first statement. */
export function createDatabase({
  url,
  max = 10,
  statementTimeoutMs = 0,
  name = 'openledger',
  onQuery,
}: DatabaseOptions): Connection {
  const sql = postgres(url, {
    max,
    onnotice: () => {},
    connection: {
      application_name: name,
      ...(statementTimeoutMs > 0 ? { statement_timeout: statementTimeoutMs } : {}),
    },
  });
  const db = drizzle({
    client: sql,
    ...(onQuery === undefined ? {} : { logger: { logQuery: onQuery } }),
  });
  return { db, sql, close: () => sql.end({ timeout: 5 }) };
}
