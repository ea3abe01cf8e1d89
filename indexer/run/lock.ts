import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { ConfigError } from './config.ts';

/** Any two numbers that nothing else in the database locks. */
const lockKey = [0x0be7, 0x1ed6] as const;
/** Seconds to let a previous indexer, told to stop, finish: Ponder gives itself five. */
const patience = 6;

/**
 * Takes the right to be this database's only indexer, for as long as `sql`'s one connection lives.
 *
 * A session's advisory lock ends with its connection, so Postgres itself says when the previous indexer is dead: at
 * once when its process was killed on this machine.
 *
 * @throws ConfigError naming the session that holds it, when it stays taken.
 */
export const takeLock = async (sql: Sql): Promise<void> => {
  const [a, b] = lockKey;
  for (let second = 0; second <= patience; second++) {
    const [row] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(${a}, ${b}) as taken`;
    if (row?.taken) return;
    await wait(1_000);
  }
  const [holder] = await sql<{ pid: number; client: string | null }[]>`
    select l.pid, host(client_addr) as client from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where locktype = 'advisory' and classid = ${a} and objid = ${b} and granted`;
  throw new ConfigError(
    `DATABASE_URL leads to a database that another indexer writes (Postgres session ${holder?.pid ?? 'unknown'} from ` +
      `${holder?.client ?? 'this machine'}): stop that one, or give this one a database of its own`,
  );
};

/**
 * Ends the wait for a dead Ponder.
 *
 * Ponder marks the schema it writes as locked in `_ponder_meta` and, killed, leaves the mark; the next one waits until
 * the last heartbeat is 25 seconds old. Here it is known earlier: the caller holds the advisory lock, so no other
 * process of ours is alive, and no session bears the names that Ponder gives to its connections to this schema. Then
 * nobody can be writing, and the mark is taken away.
 *
 * @returns whether a mark was taken away.
 */
export const clearStaleMark = async (sql: Sql, schema: string): Promise<boolean> => {
  const [table] = await sql<{ found: boolean }[]>`
    select to_regclass(${`${schema}._ponder_meta`}) is not null as found`;
  if (!table?.found) return false;
  for (let second = 0; second <= patience && (await hasSessions(sql, schema)); second++) await wait(1_000);
  if (await hasSessions(sql, schema)) return false;
  const cleared = await sql`
    update ${sql(schema)}._ponder_meta set value = jsonb_set(value, '{is_locked}', '0')
    where key = 'app' and value ->> 'is_locked' = '1'`;
  return cleared.count > 0;
};

const hasSessions = async (sql: Sql, schema: string): Promise<boolean> => {
  const names = ['internal', 'user', 'readonly'].map((pool) => `${schema}_${pool}`);
  const [row] = await sql<{ alive: boolean }[]>`
    select exists (select from pg_stat_activity where application_name in ${sql(names)}) as alive`;
  return row?.alive === true;
};
