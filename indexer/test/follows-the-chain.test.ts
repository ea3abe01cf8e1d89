import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { formatManifest, type Manifest } from '@openledger/protocol/deploy';
import postgres, { type Sql } from 'postgres';
import { parseEther } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disagreements, dump, rollupFaults } from './agreement.ts';
import {
  attribute,
  build,
  cast,
  contribute,
  decide,
  deploy,
  forge,
  fund,
  hash,
  infer,
  provoke,
  quarrel,
  reward,
  type Stage,
  stage,
} from './play.ts';
import { indexedTo, type RunningIndexer, startIndexer } from './process.ts';
import { createDatabase } from './servers.ts';

// One story, in order: an indexer follows the protocol live, is killed, lives through reorganisations, is compared with
// one that only reads history, and meets a chain that is not the one it knew.

let folder: string;
let chain: LocalChain;
let manifest: Manifest;
let s: Stage;
let databaseUrl: string;
let sql: Sql;
let indexer: RunningIndexer;

const environment = (database = databaseUrl) => ({
  DATABASE_URL: database,
  CHAIN_RPC_URL: chain.url,
  CONTRACTS_FILE: join(folder, 'contracts.json'),
  CHAIN_POLL_MS: '100',
});

const deployAfresh = async () => {
  manifest = await deploy(chain.url);
  await writeFile(join(folder, 'contracts.json'), formatManifest(manifest));
  s = stage(chain.url, manifest);
};

const caughtUp = async () => indexedTo(sql, await s.chain.getBlockNumber({ cacheTime: 0 }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-indexer-'));
  chain = await startLocalChain();
  databaseUrl = await createDatabase();
  sql = postgres(databaseUrl, { max: 2, onnotice: () => {} });
  await deployAfresh();
});

afterAll(async () => {
  await indexer?.stop();
  await chain?.stop();
  await sql?.end();
  await rm(folder, { recursive: true, force: true });
});

test('what the tables say is what the contracts say, while the protocol is used', async () => {
  indexer = await startIndexer(environment());
  await indexer.ready();
  for (const act of [fund, contribute, provoke, build, infer, attribute, reward, decide, quarrel]) await act(s);
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
  expect(await rollupFaults(sql)).toEqual([]);
});

test('a token of a stranger’s making, paid out by the vesting wallets, counts nowhere', async () => {
  const before = await sql`select address, released, releases from chain.vesting_wallet order by address`;
  await forge(s);
  await caughtUp();
  expect(await sql`select address, released, releases from chain.vesting_wallet order by address`).toEqual(before);
  const [forged] = await sql<[{ count: number; amount: string }]>`
    select count(*)::int as count, max(amount)::text as amount from chain.vesting_release where token like '%f00d'`;
  expect(forged.count).toBe(s.manifest.vesting.length);
  expect(BigInt(forged.amount)).toBeGreaterThan(2n ** 190n);
});

test('statuses and sums that the contracts do not keep are right too', async () => {
  const batches =
    await sql`select id, status, dispute_id, attributed, unattributed from chain.attribution_batch order by id`;
  expect(batches).toEqual([
    {
      id: '1',
      status: 'revoked',
      dispute_id: '2',
      attributed: '4725000000000000000',
      unattributed: '1225000000000000000',
    },
    {
      id: '2',
      status: 'finalized',
      dispute_id: null,
      attributed: '2100000000000000000',
      unattributed: '3850000000000000000',
    },
  ]);
  const disputes = await sql`
    select status, contribution_id, batch_id, root, worker, slashed from chain.dispute order by id`;
  const target = { contribution_id: null, batch_id: null, root: null, worker: null };
  expect([...disputes]).toEqual([
    { ...target, status: 'upheld', contribution_id: '3', slashed: '1000000000000000000' },
    { ...target, status: 'upheld', batch_id: '1', slashed: '0' },
    { ...target, status: 'rejected', contribution_id: '1', slashed: '10000000000000000000' },
    { ...target, status: 'expired', worker: cast.operator.address.toLowerCase(), slashed: '0' },
  ]);
});

test('killed without warning, it goes on where it was, in seconds', async () => {
  const before = await dump(sql);
  await indexer.stop('SIGKILL');
  indexer = await startIndexer(environment());
  const took = await indexer.ready();
  await caughtUp();
  expect(took).toBeLessThan(20_000);
  expect(indexer.output()).toContain('Resuming the index');
  expect(await dump(sql)).toEqual(before);
});

test('events that the chain takes back leave no trace', async () => {
  const before = await dump(sql);
  await s.act(cast.liquidity, 'DatanetRegistry', 'createDatanet', 'Gone', 'ipfs://g', hash('g'), 0, 0n, 0n, 0, 1n);
  await s.act(cast.liquidity, 'Open', 'transfer', cast.payer.address, parseEther('3'));
  await caughtUp();
  expect(await dump(sql)).not.toEqual(before);
  await chain.call('anvil_reorg', [2, []]);
  await chain.mine(2);
  await caughtUp();
  expect(await dump(sql)).toEqual(before);
  expect(await disagreements(sql, s)).toEqual([]);
});

test('a chain that lost its newest blocks is gone on with once it has grown again', async () => {
  await chain.mine(70);
  await caughtUp();
  await wait(2_500);
  await indexer.stop('SIGKILL');
  await chain.call('anvil_rollback', [20]);
  indexer = await startIndexer(environment());
  await expect.poll(indexer.output, { timeout: 10_000 }).toContain('waiting for it to grow again');
  await s.act(cast.liquidity, 'Open', 'transfer', cast.payer.address, parseEther('2'));
  await chain.mine(25);
  await indexer.ready();
  await caughtUp();
  expect(indexer.output()).toContain('Resuming the index');
  expect(await disagreements(sql, s)).toEqual([]);
});

test('read from history it is the same as it was live', async () => {
  await chain.mine(40);
  await caughtUp();
  const live = await dump(sql);
  await indexer.stop();
  const otherUrl = await createDatabase();
  const other = postgres(otherUrl, { max: 1, onnotice: () => {} });
  const second = await startIndexer(environment(otherUrl));
  try {
    await second.ready();
    await indexedTo(other, await s.chain.getBlockNumber({ cacheTime: 0 }));
    expect(await dump(other)).toEqual(live);
  } finally {
    await second.stop();
    await other.end();
  }
});

test('a chain restored to an earlier state, and grown differently, is indexed anew', async () => {
  await chain.call('anvil_rollback', [60]);
  await s.act(cast.liquidity, 'Open', 'transfer', cast.payer.address, parseEther('4'));
  await chain.mine(100);
  indexer = await startIndexer(environment());
  await indexer.ready();
  await caughtUp();
  expect(indexer.output()).toContain('it no longer holds block');
  expect(await disagreements(sql, s)).toEqual([]);
});

test('another chain behind the same id is noticed and never mixed with the old one', async () => {
  await chain.stop();
  chain = await startLocalChain({ port: chain.port });
  await chain.mine(10);
  expect(await indexer.ended).toBe(75);
  expect(indexer.output()).toContain('of the chain is another one than before');
  const refused = await startIndexer(environment());
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain('CONTRACTS_FILE describes a deployment on a chain that begins with');
  await deployAfresh();
  await fund(s);
  indexer = await startIndexer(environment());
  await indexer.ready();
  await caughtUp();
  expect(indexer.output()).toContain('The chain has changed');
  expect(await disagreements(sql, s)).toEqual([]);
});
