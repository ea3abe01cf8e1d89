import type { Sql } from 'postgres';

/** Why nothing is served, and what ends that. */
export type Halt = { chainId: bigint; reason: string; remedy: string; at: Date };

/** What the person who runs the indexer does about a chain that is no longer the one that was indexed. */
export const remedy =
  'Check that the nodes are the right ones. If they are, run `npm run -w indexer recover` with the environment of the ' +
  'indexer: it drops what was indexed of that chain, and the indexer reads it anew.';

/**
 * Stops what is indexed from being served: notes why, for whoever asks, and drops the views that everybody reads from, in
 * one transaction. The tables behind them stay until someone decides.
 */
export const halt = async (sql: Sql, views: string, chainId: bigint, reason: string): Promise<void> => {
  await sql.begin(async (tx) => {
    await tx`
      insert into indexer.halt (chain_id, reason, remedy) values (${String(chainId)}, ${reason}, ${remedy})
      on conflict (chain_id) do update set reason = excluded.reason, remedy = excluded.remedy, at = now()`;
    const found = await tx<{ name: string }[]>`
      select table_name as name from information_schema.views where table_schema = ${views}`;
    for (const { name } of found) await tx`drop view if exists ${tx(views)}.${tx(name)} cascade`;
  });
};

/** The halts that stand, of whichever chains. */
export const haltsOf = async (sql: Sql): Promise<Halt[]> => {
  const rows = await sql<{ chain_id: string; reason: string; remedy: string; at: Date }[]>`
    select chain_id, reason, remedy, at from indexer.halt order by at`;
  return rows.map(({ chain_id, ...row }) => ({ chainId: BigInt(chain_id), ...row }));
};

/** Lets a chain be served again, once its views are made anew. */
export const endHalt = async (sql: Sql, chainId: bigint): Promise<void> => {
  await sql`delete from indexer.halt where chain_id = ${String(chainId)}`;
};
