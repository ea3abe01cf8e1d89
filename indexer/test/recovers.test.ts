import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { formatManifest } from '@openledger/protocol/deploy';
import postgres, { type Sql } from 'postgres';
import { numberToHex, parseEther } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestNode, type TestNode } from '../rpc/test-node.ts';
import { finalBlock, finalityDepth } from '../run/identity.ts';
import { disagreements } from './agreement.ts';
import { cast, deploy, fund, type Stage, stage } from './play.ts';
import { indexedTo, type RunningIndexer, startIndexer } from './process.ts';
import { createDatabase } from './servers.ts';

// What an operator goes through when nodes fail and chains change: the index says what is wrong, never serves what is no
// longer true, and comes back by the command that it names. One story, in order.

let folder: string;
let chain: LocalChain;
let nodes: TestNode[];
let s: Stage;
let sql: Sql;
let env: Record<string, string>;
let indexer: RunningIndexer;

const ask = async (path: string) => {
  const response = await fetch(`${indexer.url}${path}`);
  return { status: response.status, text: await response.text() };
};
const readiness = async () => {
  const { status, text } = await ask('/ready');
  return {
    status,
    ...(JSON.parse(text) as { reason?: string; remedy?: string; chains: { block: string; lag: string }[] }),
  };
};
const caughtUp = async () => indexedTo(sql, await s.chain.getBlockNumber({ cacheTime: 0 }));
const pay = () => s.act(cast.liquidity, 'Open', 'transfer', cast.payer.address, parseEther('2'));
const command = (file: string) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const program = join(import.meta.dirname, '../run', file);
    execFile(process.execPath, [program], { env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr });
    });
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-recovers-'));
  chain = await startLocalChain();
  nodes = await Promise.all([startTestNode(chain.url), startTestNode(chain.url)]);
  const databaseUrl = await createDatabase();
  sql = postgres(databaseUrl, { max: 2, onnotice: () => {} });
  const manifest = await deploy(chain.url);
  await writeFile(join(folder, 'contracts.json'), formatManifest(manifest));
  s = stage(chain.url, manifest);
  await fund(s);
  env = {
    DATABASE_URL: databaseUrl,
    CHAIN_RPC_URL: nodes.map(({ url }) => url).join(', '),
    CONTRACTS_FILE: join(folder, 'contracts.json'),
    CHAIN_POLL_MS: '100',
    ON_CHAIN_CHANGE: 'stop',
  };
  indexer = await startIndexer(env);
  await indexer.ready();
});

afterAll(async () => {
  await indexer?.stop();
  await Promise.all((nodes ?? []).map((node) => node.close()));
  await chain?.stop();
  await sql?.end();
  await rm(folder, { recursive: true, force: true });
});

test('one node that hangs costs nothing: the other is asked', async () => {
  const [first] = nodes as [TestNode];
  first.twist = async () => 'taken';
  await pay();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
  expect((await readiness()).status).toBe(200);
  const { text } = await ask('/metrics');
  const origins = nodes.map(({ url }) => new URL(url).origin);
  expect(text).toContain(`openledger_indexer_node_up{chain_id="31337",node="${origins[1]}"} 1`);
  expect(text).toContain(`openledger_indexer_node_up{chain_id="31337",node="${origins[0]}"} 0`);
  expect(text).toContain('openledger_indexer_ready 1');
  expect(text).toMatch(/ponder_indexing_completed_events/);
  expect(text + indexer.output()).not.toContain('secret-key');
});

test('when every node hangs, it is not ready within 30 seconds, says why, and is again once one answers', async () => {
  const hung = Date.now();
  for (const node of nodes) node.twist = async () => 'taken';
  await expect.poll(async () => (await readiness()).status, { timeout: 30_000, interval: 250 }).toBe(503);
  expect(Date.now() - hung).toBeLessThan(30_000);
  expect((await readiness()).reason).toMatch(
    /^No node of chain 31337 has answered for \d+ seconds; what is indexed ends at block \d+\.$/,
  );
  expect((await ask('/health')).status).toBe(200);
  expect((await ask('/metrics')).text).toContain('openledger_indexer_ready 0');
  for (const node of nodes) node.twist = async () => undefined;
  await pay();
  await caughtUp();
  await expect.poll(async () => (await readiness()).status, { timeout: 30_000 }).toBe(200);
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

/** Kills the indexer behind a jump of the chain, as if it had had no time to note a head since. */
const killAfterJump = async () => {
  const before = await s.chain.getBlockNumber({ cacheTime: 0 });
  await chain.mine(100);
  await caughtUp();
  await indexer.stop('SIGKILL');
  await sql`delete from indexer.anchor where number > ${String(before)}`;
};

test('killed right after the chain grew by a hundred blocks, it knows the chain again by its events', async () => {
  await killAfterJump();
  indexer = await startIndexer(env);
  await indexer.ready();
  expect(indexer.output()).toContain('Resuming the index');
  await pay();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

test('killed like that, it does not take a chain for the same whose final blocks hold another event', async () => {
  await killAfterJump();
  // Blocks without events of ours are taken back, and come again with one.
  await chain.call('anvil_rollback', [90]);
  await pay();
  await chain.mine(120);
  indexer = await startIndexer(env);
  await expect.poll(async () => (await readiness().catch(() => undefined))?.status, { timeout: 30_000 }).toBe(503);
  expect((await readiness()).reason).toMatch(/^it no longer holds block \d+ as it was indexed$/);
  expect((await command('recover.ts')).code).toBe(0);
  expect(await indexer.ended).toBe(75);
  indexer = await startIndexer(env);
  await indexer.ready();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

const id = 31_337n;

/** Makes the newest block the one that moves finality, as far below it as finality is deep. @returns the final block. */
const moveFinality = async () => {
  const before = await finalBlock(sql, id);
  const head = await s.chain.getBlockNumber({ cacheTime: 0 });
  await chain.mine(Number(before + 2n * finalityDepth - head));
  await caughtUp();
  const final = before + finalityDepth;
  await expect.poll(() => finalBlock(sql, id), { timeout: 10_000 }).toBe(final);
  return final;
};

/**
 * Kills the indexer right after blocks became final, while of all the heads above them it had noted one alone, which was
 * taken back meanwhile, like any block that is not final may be. @returns the final block.
 */
const killAfterLosingHead = async () => {
  await moveFinality();
  await chain.mine(20);
  await pay();
  await caughtUp();
  const { number, hash } = await s.chain.getBlock();
  await chain.call('anvil_reorg', [1, []]);
  expect((await s.chain.getBlock({ blockNumber: number })).hash).not.toBe(hash);
  const final = await moveFinality();
  expect(number).toBeGreaterThan(final);
  await indexer.stop('SIGKILL');
  await sql`delete from indexer.anchor where number >= ${String(final)}`;
  await sql`insert into indexer.anchor values (${String(id)}, ${String(number)}, ${hash})`;
  return final;
};

test('killed after the only head that it noted above the final block was taken back, it goes on', async () => {
  await killAfterLosingHead();
  indexer = await startIndexer(env);
  await indexer.ready();
  expect(indexer.output()).toContain('Resuming the index');
  await pay();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

test('killed like that too, it does not take a chain for the same whose final blocks hold another event', async () => {
  const final = await killAfterLosingHead();
  const head = await s.chain.getBlockNumber({ cacheTime: 0 });
  await chain.call('anvil_rollback', [Number(head - final) + 1]);
  await pay();
  await chain.mine(60);
  indexer = await startIndexer(env);
  await expect.poll(async () => (await readiness().catch(() => undefined))?.status, { timeout: 30_000 }).toBe(503);
  expect((await readiness()).reason).toBe(`it no longer holds block ${final} as it was indexed`);
  expect((await command('recover.ts')).code).toBe(0);
  expect(await indexer.ended).toBe(75);
  indexer = await startIndexer(env);
  await indexer.ready();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

test('every block above the final one may be another when it starts again', async () => {
  await pay();
  await moveFinality();
  await indexer.stop('SIGKILL');
  await chain.call('anvil_rollback', [Number(finalityDepth)]);
  await pay();
  await chain.mine(40);
  indexer = await startIndexer(env);
  await indexer.ready();
  expect(indexer.output()).toContain('Resuming the index');
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

test('a node far behind, the only one that answers at first, does not make it take the chain for another', async () => {
  await indexer.stop();
  const [lagging, failing] = nodes as [TestNode, TestNode];
  const seen = (await s.chain.getBlockNumber({ cacheTime: 0 })) - 80n;
  lagging.twist = async ({ method, params: [which, full] }) => {
    if (method !== 'eth_getBlockByNumber') return undefined;
    if (which !== 'latest') return BigInt(String(which)) > seen ? { result: null } : undefined;
    return { result: await chain.call(method, [numberToHex(seen), full]) };
  };
  const until = Date.now() + 3_000;
  failing.twist = async () =>
    Date.now() < until ? { error: { code: -32_603, message: 'Internal error' } } : undefined;
  indexer = await startIndexer(env);
  await indexer.ready();
  expect(indexer.output()).toContain('Resuming the index');
  for (const node of nodes) node.twist = async () => undefined;
  await pay();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
}, 120_000);

test('a reorganisation beyond what is final stops it: nothing is served, and the reason and the command are told', async () => {
  await chain.mine(70);
  await caughtUp();
  const served = await sql`select count(*)::int as count from chain.activity`;
  expect(served[0]?.count).toBeGreaterThan(0);
  // Time for the last final block to be noted.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await chain.call('anvil_rollback', [50]);
  await pay();
  await chain.mine(60);
  expect(await indexer.ended).toBe(75);
  expect(indexer.output()).toMatch(/Stopping: block \d+, that was final, of the chain is another one than before/);
  await expect(sql`select * from chain.activity`).rejects.toThrow('relation "chain.activity" does not exist');

  indexer = await startIndexer(env);
  await expect.poll(async () => (await readiness().catch(() => undefined))?.status, { timeout: 30_000 }).toBe(503);
  const { reason, remedy } = await readiness();
  expect(reason).toMatch(/^it no longer holds block \d+ as it was indexed$/);
  expect(remedy).toContain('run `npm run -w indexer recover` with the environment of the indexer');
  expect(indexer.output()).toContain('npm run -w indexer recover');
});

test('the command that it names brings it back, and what it then tells is true', async () => {
  const { code, said } = await command('recover.ts');
  expect(said).toMatch(/Chain 31337: it no longer holds block \d+ as it was indexed\. Dropping what was indexed of it/);
  expect(code).toBe(0);
  // It was waiting for this, and ends to be started again, as its supervisor does.
  expect(await indexer.ended).toBe(75);
  indexer = await startIndexer(env);
  await indexer.ready();
  await caughtUp();
  expect(await disagreements(sql, s)).toEqual([]);
  expect((await readiness()).status).toBe(200);
});

test('the command changes nothing while an indexer runs, nor when what is indexed is right', async () => {
  const refused = await command('recover.ts');
  expect(refused.code).toBe(1);
  expect(refused.said).toContain('a database that another indexer writes');
  await indexer.stop();
  const { code, said } = await command('recover.ts');
  expect(code).toBe(0);
  expect(said).toContain('There was nothing to drop.');
  indexer = await startIndexer(env);
  await indexer.ready();
  expect(indexer.output()).toContain('Resuming the index');
});

test('a database that is dropped and made anew while the indexer starts costs a restart, not more', async () => {
  await indexer.stop();
  const url = new URL(await createDatabase());
  const name = url.pathname.slice(1);
  let isDropped = false;
  for (const node of nodes) {
    node.twist = async ({ method }) => {
      if (method !== 'eth_getBlockByNumber' || isDropped) return undefined;
      isDropped = true;
      await sql`drop database ${sql(name)} with (force)`;
      await sql`create database ${sql(name)}`;
      return undefined;
    };
  }
  const fresh = { ...env, DATABASE_URL: url.href };
  indexer = await startIndexer(fresh);
  expect(await indexer.ended).toBe(75);
  expect(indexer.output()).toContain('Could not start: the connection that holds the database lock broke');
  indexer = await startIndexer(fresh);
  await indexer.ready();
}, 60_000);
