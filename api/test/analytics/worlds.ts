import { migrate } from '@openledger/db';
import { chainTables } from '@openledger/db/chain';
import { chainDdl, checkpointOf, createTestDatabase } from '@openledger/db/testing';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { inject } from 'vitest';
import { startApi, type TestApi } from '../client.ts';
import { CHAIN_ID, INDEXED } from '../world.ts';
import type { Played } from './play.ts';

export type Worlds = {
  readonly api: TestApi;
  readonly sql: postgres.Sql;
  /** Puts a world in the place of the last one. */
  readonly show: (rows: Partial<Played>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The real API over a database of its own, indexed up to `INDEXED`, in which one world follows another. */
export async function startWorlds(): Promise<Worlds> {
  const server = new URL(inject('seededUrl'));
  server.pathname = '/postgres';
  const { url, drop } = await createTestDatabase(server.href);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await migrate(url);
  for (const statement of chainDdl()) await sql.unsafe(statement);
  const at = checkpointOf(CHAIN_ID, INDEXED.block, INDEXED.timestamp);
  await sql`insert into chain._ponder_checkpoint values ('openledger', ${CHAIN_ID.toString()}, ${at}, ${at}, ${at})`;
  await sql.unsafe(`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`);
  // drizzle changes how its client reads values.
  const writer = postgres(url, { max: 1, onnotice: () => {} });
  const db = drizzle({ client: writer });
  const api = await startApi(url);
  const tables = Object.entries(chainTables) as [keyof Played, PgTable][];
  const filled = new Set<string>();
  return {
    api,
    sql,
    show: async (rows) => {
      for (const name of filled) await sql.unsafe(`delete from ${name}`);
      filled.clear();
      for (const [name, table] of tables) {
        const list = rows[name] ?? [];
        if (list.length > 0) filled.add(`chain."${getTableConfig(table).name}"`);
        for (let n = 0; n < list.length; n += 1000) await db.insert(table).values(list.slice(n, n + 1000) as never);
      }
    },
    stop: async () => {
      await api.stop();
      await Promise.all([sql.end(), writer.end()]);
      await drop();
    },
  };
}
