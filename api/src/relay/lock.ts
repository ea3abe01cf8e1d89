import { createHash } from 'node:crypto';
import type { Database, Sql } from '@openledger/db';
import type { Hex } from '@openledger/db/chain';
import { sql } from 'drizzle-orm';

/**
 * One process at a time signs for an account on a chain: two would give out the same nonces. The lock is Postgres' own,
 * of a session: it is free the moment its holder's connection ends, however that came about.
 */
export function lockKeyOf(genesisHash: Hex, address: Hex): string {
  return createHash('sha256')
    .update(`openledger relayer ${genesisHash} ${address}`)
    .digest()
    .readBigInt64BE()
    .toString();
}

/** @param session one connection, used for nothing else. @returns whether it holds the lock now. */
export async function holdLock(session: Sql, key: string): Promise<boolean> {
  // A connection that was lost and made anew asks again; one that holds it takes it no second time.
  const [row] = await session<{ held: boolean }[]>`
    select case when exists (
      select from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid()
        and ((classid::bigint << 32) | objid::bigint) = ${key}::bigint
    ) then true else pg_try_advisory_lock(${key}::bigint) end as held`;
  return row?.held === true;
}

/**
 * Whether a transaction of the same session may write what will be sent. The session's own lock does not hinder it; where
 * the connection was made anew meanwhile, and another process took the lock, it may not.
 */
export async function mayWrite(tx: Pick<Database, 'execute'>, key: string): Promise<boolean> {
  const rows = await tx.execute<{ held: boolean }>(sql`select pg_try_advisory_xact_lock(${key}::bigint) as held`);
  return [...rows][0]?.held === true;
}
