import type { Sql } from 'postgres';
import type { Hex } from 'viem';
import type { BlockRef } from './chain.ts';

/** How many recent heads are kept as anchors. */
const anchorsKept = 400;

/** The chain as it was when indexing began. */
export type KnownChain = { genesisHash: Hex; start: BlockRef };

/**
 * What the indexer has to remember of a chain that Ponder does not: which one it was, and the hashes of recent heads.
 * Lives in the schema `indexer`, beside Ponder's own.
 */
export const createMemory = async (sql: Sql) => {
  await sql.unsafe(`
    create schema if not exists indexer;
    create table if not exists indexer.chain (
      chain_id bigint primary key, genesis_hash text not null, start_block bigint not null, start_hash text not null
    );
    create table if not exists indexer.anchor (
      chain_id bigint, number bigint, hash text not null, primary key (chain_id, number)
    );
    create table if not exists indexer.deployment (schema_name text not null, chain_id bigint not null);
    -- An index may be of several chains; it once was of one.
    alter table indexer.deployment drop constraint if exists deployment_pkey;
    create unique index if not exists deployment_of_chain on indexer.deployment (schema_name, chain_id);
    create table if not exists indexer.halt (
      chain_id bigint primary key, reason text not null, remedy text not null, at timestamptz not null default now()
    );
  `);
};

export const recallChain = async (sql: Sql, chainId: bigint): Promise<KnownChain | undefined> => {
  const [row] = await sql<{ genesis_hash: Hex; start_block: string; start_hash: Hex }[]>`
    select genesis_hash, start_block, start_hash from indexer.chain where chain_id = ${String(chainId)}`;
  if (row === undefined) return undefined;
  return { genesisHash: row.genesis_hash, start: { number: BigInt(row.start_block), hash: row.start_hash } };
};

/** Notes which chain this is, and that a schema holds an index of it. */
export const rememberChain = async (sql: Sql, chainId: bigint, known: KnownChain, schema: string) => {
  const id = String(chainId);
  await sql`
    insert into indexer.chain values (${id}, ${known.genesisHash}, ${String(known.start.number)}, ${known.start.hash})
    on conflict (chain_id) do nothing`;
  await sql`insert into indexer.deployment values (${schema}, ${id}) on conflict (schema_name, chain_id) do nothing`;
};

/** Anchors at or above a block, lowest first. */
export const anchorsFrom = async (sql: Sql, chainId: bigint, number: bigint): Promise<BlockRef[]> => {
  const rows = await sql<{ number: string; hash: Hex }[]>`
    select number, hash from indexer.anchor
    where chain_id = ${String(chainId)} and number >= ${String(number)} order by anchor.number`;
  return rows.map((row) => ({ number: BigInt(row.number), hash: row.hash }));
};

/** Notes a head that was on the chain just now. */
export const addAnchor = async (sql: Sql, chainId: bigint, { number, hash }: BlockRef) => {
  const id = String(chainId);
  await sql`
    insert into indexer.anchor values (${id}, ${String(number)}, ${hash})
    on conflict (chain_id, number) do update set hash = excluded.hash`;
  await sql`
    delete from indexer.anchor where chain_id = ${id} and number < coalesce((
      select number from indexer.anchor where chain_id = ${id} order by number desc offset ${anchorsKept} limit 1), 0)`;
};

/** Forgets heads that the chain no longer reaches. */
export const dropAnchorsAbove = async (sql: Sql, chainId: bigint, number: bigint) => {
  await sql`delete from indexer.anchor where chain_id = ${String(chainId)} and number > ${String(number)}`;
};

/** The schemas that hold an index of a chain, and still exist. */
export const deploymentsOf = async (sql: Sql, chainId: bigint): Promise<string[]> => {
  const rows = await sql<{ schema_name: string }[]>`
    select schema_name from indexer.deployment
    join pg_namespace on nspname = schema_name where chain_id = ${String(chainId)}`;
  return rows.map((row) => row.schema_name);
};

export const dropDeployment = async (sql: Sql, schema: string) => {
  await sql`drop schema if exists ${sql(schema)} cascade`;
  await sql`delete from indexer.deployment where schema_name = ${schema}`;
};

/** Forgets all that was ever indexed or fetched of a chain: every index of it, Ponder's cache, the anchors. */
export const forgetChain = async (sql: Sql, chainId: bigint) => {
  const id = String(chainId);
  for (const schema of await deploymentsOf(sql, chainId)) await dropDeployment(sql, schema);
  const cached = await sql<{ table_name: string }[]>`
    select table_name from information_schema.columns where table_schema = 'ponder_sync' and column_name = 'chain_id'`;
  await sql.begin(async (tx) => {
    for (const { table_name } of cached) await tx`delete from ponder_sync.${tx(table_name)} where chain_id = ${id}`;
    await tx`delete from indexer.anchor where chain_id = ${id}`;
    await tx`delete from indexer.deployment where chain_id = ${id}`;
    await tx`delete from indexer.chain where chain_id = ${id}`;
  });
};
