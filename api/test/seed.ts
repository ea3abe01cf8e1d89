import { chainTables } from '@openledger/db/chain';
import { chainDdl, checkpointOf } from '@openledger/db/testing';
import type { PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Block } from '../src/chain-node.ts';
import { CHAIN_ID, FINAL, INDEXED, L2, type Rows, world } from './world.ts';

/** What a database is filled with, and how far its index is. */
export type Seed = { readonly rows: Partial<Rows>; readonly indexed: Block; readonly final: Block };

/** Makes the chain schema in an empty database and fills it: with `world`, indexed up to `INDEXED`, unless told otherwise. */
export async function seed(
  url: string,
  { rows, indexed, final }: Seed = { rows: world(), indexed: INDEXED, final: FINAL },
): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of chainDdl()) await client.unsafe(statement);
    const db = drizzle({ client });
    for (const [name, table] of Object.entries(chainTables)) {
      const some = rows[name as keyof Rows] ?? [];
      if (some.length > 0) await db.insert(table as PgTable).values(some as never);
    }
    const rowOf = (name: string, chainId: bigint, latest: Block, final: Block) => ({
      chain_name: name,
      chain_id: chainId.toString(),
      safe_checkpoint: checkpointOf(chainId, final.block, final.timestamp),
      latest_checkpoint: checkpointOf(chainId, latest.block, latest.timestamp),
      finalized_checkpoint: checkpointOf(chainId, final.block, final.timestamp),
    });
    await client`insert into chain._ponder_checkpoint ${client([
      rowOf('openledger', CHAIN_ID, indexed, final),
      rowOf('l2', L2.chainId, L2, L2),
    ])}`;
    await client.unsafe(`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`);
    await client.unsafe('analyze');
  } finally {
    await client.end();
  }
}
