import type { AnyRelations, EmptyRelations } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

export type Database<TRelations extends AnyRelations = EmptyRelations> = PostgresJsDatabase<TRelations>;

/**
 * Postgres' `int8` and `numeric` arrive as bigint; a `numeric` with a fraction arrives as a string. A bigint parameter
 * is sent as `int8`; one that may be larger needs `sql.types.numeric(wei)`.
 */
export type Sql = postgres.Sql<{ bigint: bigint; numeric: bigint | string }>;

/** A pool of connections, as drizzle and as hand-written SQL. */
export type Connection<TRelations extends AnyRelations = EmptyRelations> = {
  readonly db: Database<TRelations>;
  readonly sql: Sql;
  /** Lets running queries finish for five seconds, then closes every connection. */
  readonly close: () => Promise<void>;
};

export type DatabaseOptions<TRelations extends AnyRelations = EmptyRelations> = {
  readonly url: string;
  /** Connections at most; 10 without it. They open when first needed. */
  readonly max?: number;
  /** A statement that runs longer is cancelled by the server (SQLSTATE 57014); no limit without it. */
  readonly statementTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. */
  readonly name?: string;
  /** For `db.query`: what `defineRelations` returned. */
  readonly relations?: TRelations;
  /** Called with each statement as it is sent, transaction control included: for logs, and tests that count queries. */
  readonly onQuery?: (query: string, parameters: readonly unknown[]) => void;
};

/**
 * Opens a pool of connections with drizzle over it. Nothing is sent until the first statement.
 *
 * @example
 * const { db, close } = createDatabase({ url, max: 5, statementTimeoutMs: 10_000, relations: chainRelations });
 * const rows = await db.query.datanet.findMany({ limit: 10, with: { owner: true } });
 * await close();
 */
export function createDatabase<TRelations extends AnyRelations = EmptyRelations>(
  options: DatabaseOptions<TRelations>,
): Connection<TRelations> {
  const { url, max = 10, statementTimeoutMs = 0, name = 'openledger', onQuery, relations } = options;
  const sql = postgres(url, {
    max,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: name, statement_timeout: statementTimeoutMs },
    types: { bigint: postgres.BigInt, numeric },
    ...(onQuery && {
      debug: (_connection: number, query: string, parameters: unknown[]) => {
        if (!asksForTypes(query)) onQuery(query, parameters);
      },
    }),
  });
  const db = drizzle({ client: sql, ...(relations && { relations }) });
  return { db, sql, close: () => sql.end({ timeout: 5 }) };
}

const numeric: postgres.PostgresType<bigint | string> = {
  to: 1700,
  from: [1700],
  serialize: String,
  parse: (value: string) => (/^-?\d+$/.test(value) ? BigInt(value) : value),
};

/** The driver's own question on each new connection, which array types there are. */
const asksForTypes = (query: string): boolean => query.includes('from pg_catalog.pg_type a');
