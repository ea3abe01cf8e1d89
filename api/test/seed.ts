import { chainTables } from '@openledger/db/chain';
import type { PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { chainDdl, checkpointOf } from './ddl.ts';
import { CHAIN_ID, INDEXED, type Rows, world } from './world.ts';

/** Makes the chain schema in an empty database and fills it with `world`, indexed up to `INDEXED`. */
export async function seed(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of chainDdl()) await client.unsafe(statement);
    const db = drizzle({ client });
    const rows = world();
    for (const [name, table] of Object.entries(chainTables)) {
      await db.insert(table as PgTable).values(rows[name as keyof Rows] as never);
    }
    const checkpoint = checkpointOf(CHAIN_ID, INDEXED.block, INDEXED.timestamp);
    await client`insert into chain._ponder_checkpoint
      values ('openledger', ${CHAIN_ID.toString()}, ${checkpoint}, ${checkpoint}, ${checkpoint})`;
    const behind = checkpointOf(1_612n, 77n, INDEXED.timestamp - 60n);
    await client`insert into chain._ponder_checkpoint values ('l2', 1612, ${behind}, ${behind}, ${behind})`;
    await client.unsafe(`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`);
    await client.unsafe('analyze');
  } finally {
    await client.end();
  }
}
