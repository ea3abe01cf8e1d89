import { chainTables } from '@openledger/db/chain';
import type { PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Block } from '../src/chain-node.ts';
import { chainDdl, checkpointOf } from './ddl.ts';
import { CHAIN_ID, FINAL, INDEXED, L2, type Rows, world } from './world.ts';

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
    const rowOf = (name: string, chainId: bigint, latest: Block, final: Block) => ({
      chain_name: name,
      chain_id: chainId.toString(),
      safe_checkpoint: checkpointOf(chainId, final.block, final.timestamp),
      latest_checkpoint: checkpointOf(chainId, latest.block, latest.timestamp),
      finalized_checkpoint: checkpointOf(chainId, final.block, final.timestamp),
    });
    await client`insert into chain._ponder_checkpoint ${client([
      rowOf('openledger', CHAIN_ID, INDEXED, FINAL),
      rowOf('l2', L2.chainId, L2, L2),
    ])}`;
    await client.unsafe(`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`);
    await client.unsafe('analyze');
  } finally {
    await client.end();
  }
}
