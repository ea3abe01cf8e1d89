import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as mapping from '@openledger/db/chain';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@openledger/db/server';
import { type RunningIndexer, startIndexer } from '@openledger/indexer/testing';
import { developmentAccounts, type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { coreContracts, formatManifest, manifestSchema } from '@openledger/protocol/deploy';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The api reads the indexer's tables through a mapping written by hand, because the two use different versions of
// drizzle. If they drift apart, queries fail or silently read the wrong type.

/** A table as text, one line each, so that a difference reads well: columns in order of name, then indexes. */
type Shape = Record<string, { columns: string[]; primaryKey: string; indexes: string[] }>;

let server: EmbeddedPostgres;
let chain: LocalChain;
let indexer: RunningIndexer;
let sql: Sql;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-mapping-'));
  // Run as root, the server is another user, who has to get to its data.
  await chmod(folder, 0o755);
  server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: { fsync: 'off' } });
  chain = await startLocalChain();
  const accounts = developmentAccounts(coreContracts.length + 1).map(({ address }) => address);
  const { hash } = await chain.call<{ hash: string }>('eth_getBlockByNumber', ['0x0', false]);
  const manifest = manifestSchema.parse({
    chainId: chain.chainId,
    genesisHash: hash,
    startBlock: 0,
    contracts: Object.fromEntries(coreContracts.map((name, i) => [name, accounts[i]])),
    vesting: [],
    treasury: accounts.at(-1),
  });
  const file = join(folder, 'contracts.json');
  await writeFile(file, formatManifest(manifest));
  sql = postgres(server.url, { max: 1, onnotice: () => {} });
  indexer = await startIndexer({ DATABASE_URL: server.url, CHAIN_RPC_URL: chain.url, CONTRACTS_FILE: file });
  await indexer.ready();
}, 60_000);

afterAll(async () => {
  await indexer?.stop();
  await chain?.stop();
  await sql?.end();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the mapping is exactly what the indexer creates', async () => {
  const [{ schema } = { schema: '' }] = await sql<
    { schema: string }[]
  >`select schema_name as schema from indexer.deployment`;
  expect(await created(schema)).toEqual(mapped());
});

test('what is read are views of those tables, with the same columns', async () => {
  const [{ schema } = { schema: '' }] = await sql<
    { schema: string }[]
  >`select schema_name as schema from indexer.deployment`;
  const columnsOf = async (name: string, kind: string) => sql`
    select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type
    from pg_attribute a join pg_class c on c.oid = attrelid
    where relnamespace = ${name}::regnamespace and relkind = ${kind} and attnum > 0
      and relname not like '\\_reorg\\_\\_%' order by relname, attname`;
  const views = await columnsOf('chain', 'v');
  expect(views.length).toBeGreaterThan(400);
  expect(views).toEqual(await columnsOf(schema, 'r'));
});

const mapped = (): Shape => {
  const shape: Shape = {};
  for (const table of Object.values(mapping)) {
    if (!is(table, PgTable)) continue;
    const { name, schema, columns, primaryKeys, indexes } = getTableConfig(table);
    expect(schema).toBe('chain');
    const key = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary);
    shape[name] = {
      columns: columns
        .map((column) => {
          const required = column.notNull || key.includes(column) ? ' not null' : '';
          const fallback = column.default === undefined ? '' : ` default ${column.default}`;
          return `${column.name} ${column.getSQLType().replace(', ', ',')}${required}${fallback}`;
        })
        .sort(),
      primaryKey: key.map((column) => column.name).join(', '),
      indexes: indexes
        .map(
          ({ config }) =>
            `${config.name} (${config.columns.map((column) => ('name' in column ? column.name : '?')).join(', ')})`,
        )
        .sort(),
    };
  }
  return shape;
};

const created = async (schema: string): Promise<Shape> => {
  const columns = await sql<{ table: string; column: string }[]>`
    select relname as table, attname || ' ' || format_type(atttypid, atttypmod)
      || case when attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_get_expr(adbin, adrelid), '') as column
    from pg_attribute join pg_class on pg_class.oid = attrelid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relnamespace = ${schema}::regnamespace and relkind = 'r' and attnum > 0 and relname not like '\\_%'`;
  const indexes = await sql<{ table: string; name: string; columns: string; primary: boolean }[]>`
    select t.relname as table, i.relname as name, indisprimary as primary, (
      select string_agg(attname || case when option = 0 then '' else ' desc' end, ', ' order by place)
      from unnest(indkey::int[], indoption::int[]) with ordinality as k(attribute, option, place)
      join pg_attribute on attrelid = indrelid and attnum = attribute
    ) as columns
    from pg_index join pg_class t on t.oid = indrelid join pg_class i on i.oid = indexrelid
    where t.relnamespace = ${schema}::regnamespace and t.relname not like '\\_%'`;
  const shape: Shape = {};
  for (const { table, column } of columns) {
    shape[table] ??= { columns: [], primaryKey: '', indexes: [] };
    shape[table].columns.push(column);
  }
  for (const { table, name, columns: over, primary } of indexes) {
    const entry = shape[table]!;
    if (primary) entry.primaryKey = over;
    else entry.indexes.push(`${name} (${over})`);
  }
  for (const entry of Object.values(shape)) {
    entry.columns.sort();
    entry.indexes.sort();
  }
  return shape;
};
