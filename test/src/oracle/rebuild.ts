import type { Database } from '@openledger/db';
import type { Manifest } from '@openledger/protocol/deploy';
import { sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { chainTables } from './fold.ts';
import type { Rpc } from './rpc.ts';
import { foldChain } from './verify-index.ts';

/** Rows of one statement: Postgres takes 65,535 parameters. */
const atOnce = 1_000;

/**
 * Fills the tables of schema `chain`, which are made and nobody else's, with what the chain's own logs come to: an index without
 * the indexer.
 * @throws ChainMoved, RpcError
 */
export async function rebuildIndex(
  db: Database,
  { rpc, manifest, toBlock }: { readonly rpc: Rpc; readonly manifest: Manifest; readonly toBlock: bigint },
): Promise<void> {
  const { state } = await foldChain({ rpc, manifest, toBlock });
  await db.transaction(async (transaction) => {
    for (const [name, table] of chainTables) {
      const rows = [...state.tables[name].rows.values()] as Record<string, unknown>[];
      await transaction.execute(sql.raw(`delete from chain."${getTableConfig(table).name}"`));
      for (let from = 0; from < rows.length; from += atOnce) {
        await transaction.insert(table).values(rows.slice(from, from + atOnce) as never);
      }
    }
  });
}
