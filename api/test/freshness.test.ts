import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkpointOf } from '@openledger/db/testing';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { startNode, type TestNode } from './node.ts';
import { seed } from './seed.ts';
import { CHAIN_ID, FINAL, INDEXED } from './world.ts';

const atIndexed = { chainId: CHAIN_ID, ...INDEXED };
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const readyOf = async ({ url }: TestApi) => {
  const response = await fetch(`${url}/ready`);
  const body = (await response.json()) as Record<string, unknown>;
  return { ...body, status: response.status };
};
const metricsOf = async ({ url }: TestApi) => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^openledger_((?:index|chain)_\w+) (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]));
};
/** A database of its own beside the shared ones. */
async function database(name: string) {
  const admin = postgres(inject('emptyUrl'), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name}`);
  const url = new URL(inject('emptyUrl'));
  url.pathname = `/${name}`;
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  const drop = async () => {
    await sql.end();
    await admin.unsafe(`drop database ${name} with (force)`);
    await admin.end();
  };
  return { url: url.href, sql, drop };
}

// Side by side: both take most of the 30 seconds they are about.
describe.concurrent('within 30 seconds', () => {
  test('a node that hangs turns /ready to 503, with the time since when; answers go on without a wait', {
    timeout: 90_000,
  }, async ({ expect: expectHere }) => {
    const node = await startNode(atIndexed);
    const api = await startApi(inject('seededUrl'), { rpcUrls: [node.url] });
    const before = await readyOf(api);
    expectHere(before).toEqual({
      status: 200,
      ready: true,
      reason: null,
      remedy: null,
      block: '5000',
      finalBlock: '4970',
      headBlock: '5000',
      headSeenAt: expectHere.stringMatching(iso),
      lag: { blocks: '0', seconds: '0' },
    });

    node.manner = 'silent';
    const began = performance.now();
    await expectHere.poll(async () => (await readyOf(api)).status, { timeout: 60_000, interval: 500 }).toBe(503);
    expectHere(performance.now() - began).toBeLessThan(30_000);

    const asked = performance.now();
    const { _meta, datanet } = await api.data<{ _meta: Record<string, unknown>; datanet: unknown }>(
      '{ _meta { block lag { blocks } headBlock headSeenAt finalBlock ready reason } datanet(id: 1) { name } }',
    );
    expectHere(performance.now() - asked).toBeLessThan(1400);
    expectHere(datanet).toEqual({ name: 'Licences' });
    expectHere(_meta).toEqual({
      block: '5000',
      lag: null,
      headBlock: '5000',
      headSeenAt: expectHere.stringMatching(iso),
      finalBlock: '4970',
      ready: false,
      reason: `No node at CHAIN_RPC_URL has answered since ${_meta.headSeenAt}: how far the index is behind is unknown.`,
    });
    expectHere(await readyOf(api)).toMatchObject({ reason: _meta.reason, lag: null, headSeenAt: _meta.headSeenAt });
    const metrics = await metricsOf(api);
    expectHere(metrics).toMatchObject({ index_ready: 0, chain_head_block: 5000, chain_nodes: 1, chain_nodes_up: 0 });
    expectHere(metrics.chain_silence_seconds).toBeGreaterThan(15);
    expectHere(metrics.index_lag_blocks).toBeNaN();

    node.manner = 'right';
    await expectHere.poll(async () => (await readyOf(api)).status, { timeout: 20_000 }).toBe(200);
    await api.stop();
    await node.stop();
  });

  test('an index that stands still turns /ready to 503, however slow its chain is, and back once it moves', {
    timeout: 90_000,
  }, async ({ expect: expectHere }) => {
    const { url, sql, drop } = await database('standing');
    await seed(url);
    const node = await startNode(atIndexed);
    const api = await startApi(url, { rpcUrls: [node.url] });
    expectHere(await readyOf(api)).toMatchObject({ status: 200 });

    // One block, an hour after the last, and nobody asks: the API itself has to notice.
    Object.assign(node, { block: INDEXED.block + 1n, timestamp: INDEXED.timestamp + 3600n });
    await sleep(29_000);
    expectHere(await readyOf(api)).toMatchObject({
      status: 503,
      reason: expectHere.stringMatching(
        /^The index has stood at block 5000 since \S+Z, and the chain is at block 5001\.$/,
      ),
    });

    await sql`update chain._ponder_checkpoint set latest_checkpoint = ${checkpointOf(CHAIN_ID, node.block, node.timestamp)}
      where chain_id = ${CHAIN_ID.toString()}`;
    await expectHere.poll(() => readyOf(api), { timeout: 20_000 }).toMatchObject({ status: 200, block: '5001' });
    await api.stop();
    await node.stop();
    await drop();
  });
});

test('of several nodes the highest counts, one on another chain does not, and /metrics counts those that are up', async () => {
  const nodes = await Promise.all([
    startNode({ ...atIndexed, block: 4990n }),
    startNode({ ...atIndexed, block: 5002n, timestamp: INDEXED.timestamp + 4n }),
    startNode({ ...atIndexed, chainId: 1n, block: 20_000_000n }),
    startNode(atIndexed),
  ]);
  nodes[3]!.manner = 'broken';
  const api = await startApi(inject('seededUrl'), { rpcUrls: nodes.map(({ url }) => url) });
  expect(await api.data('{ _meta { headBlock lag { blocks seconds } ready } }')).toEqual({
    _meta: { headBlock: '5002', lag: { blocks: '2', seconds: '4' }, ready: true },
  });
  expect(await metricsOf(api)).toMatchObject({
    index_block: 5000,
    index_final_block: 4970,
    index_lag_blocks: 2,
    index_lag_seconds: 4,
    index_ready: 1,
    index_halted: 0,
    chain_head_block: 5002,
    chain_head_timestamp_seconds: Number(INDEXED.timestamp) + 4,
    chain_nodes: 4,
    chain_nodes_up: 2,
  });
  await api.stop();
  await Promise.all(nodes.map((node) => node.stop()));
});

test('a node on another chain, alone, is said to be just that', async () => {
  const node = await startNode({ ...atIndexed, chainId: 1n });
  const api = await startApi(inject('seededUrl'), { rpcUrls: [node.url] });
  expect(await readyOf(api)).toMatchObject({
    status: 503,
    reason: 'CHAIN_RPC_URL leads to another chain than 31337, where CONTRACTS_FILE says the contracts are.',
    headBlock: null,
  });
  await api.stop();
  await node.stop();
});

describe('an index of its own', () => {
  let node: TestNode;
  let api: TestApi;
  let own: { url: string; sql: Sql; drop: () => Promise<void> };
  beforeAll(async () => {
    own = await database('halting');
    await seed(own.url);
    node = await startNode(atIndexed);
    api = await startApi(own.url, { rpcUrls: [node.url] });
  });
  afterAll(async () => {
    await api.stop();
    await node.stop();
    await own.drop();
  });

  test('_meta lists every chain in it, each with what is known to be final', async () => {
    const { sql } = own;
    const [ethereum, optimism] = [1n, 10n];
    const ethereumFinal = checkpointOf(ethereum, 19_999_936n, 1_799_999_200n);
    const row = (id: bigint, block: bigint, timestamp: bigint) => ({
      chain_name: id === ethereum ? 'ethereum' : 'l2',
      chain_id: id.toString(),
      safe_checkpoint: ethereumFinal,
      latest_checkpoint: checkpointOf(id, block, timestamp),
      finalized_checkpoint: ethereumFinal,
    });
    await sql`delete from chain._ponder_checkpoint where chain_name = 'l2'`;
    await sql`insert into chain._ponder_checkpoint ${sql([
      row(ethereum, 20_000_000n, 1_799_999_998n),
      row(optimism, 130_000_000n, 1_799_999_999n),
    ])}`;
    await expect
      .poll(() => api.data('{ _meta { block chains { chainId name block timestamp finalBlock finalTimestamp } } }'))
      .toEqual({
        _meta: {
          block: '5000',
          chains: [
            {
              chainId: '1',
              name: 'ethereum',
              block: '20000000',
              timestamp: '2027-01-15T07:59:58Z',
              finalBlock: '19999936',
              finalTimestamp: '2027-01-15T07:46:40Z',
            },
            {
              chainId: '10',
              name: 'l2',
              block: '130000000',
              timestamp: '2027-01-15T07:59:59Z',
              // Ethereum's is the earliest, so it stands in every row: only what is older is final here too.
              finalBlock: null,
              finalTimestamp: '2027-01-15T07:46:39Z',
            },
            {
              chainId: '31337',
              name: 'openledger',
              block: '5000',
              timestamp: '2027-01-15T08:00:00Z',
              finalBlock: '4970',
              finalTimestamp: '2027-01-15T07:59:00Z',
            },
          ],
        },
      });
    await sql`delete from chain._ponder_checkpoint where chain_id <> ${CHAIN_ID.toString()}`;
  });

  test('a restarted indexer has taken its rows back to the safe checkpoint: that block is told, not the latest', async () => {
    const { sql } = own;
    await sql`update chain._ponder_meta set value = '{"is_ready": 0}'`;
    await expect
      .poll(() => readyOf(api))
      .toMatchObject({
        status: 503,
        reason: 'The indexer has restarted and is catching up: it is 30 blocks (60 s) behind the chain.',
        block: FINAL.block.toString(),
      });
    await sql`update chain._ponder_meta set value = '{"is_ready": 1}'`;
    await expect.poll(() => readyOf(api)).toMatchObject({ status: 200, block: '5000' });
  });

  test('once the indexer has halted, no row is served, and everything says why and what to do', async () => {
    const { sql, url } = own;
    const reason = 'The chain took back block 4960, which was final.';
    const noted = 'the chain took back block 4960, which was final';
    const remedy = 'Run `npm run -w indexer recover`.';
    await sql.unsafe(`create schema indexer; create table indexer.halt
      (chain_id bigint primary key, reason text not null, remedy text not null, at timestamptz not null default now())`);
    await sql`insert into indexer.halt (chain_id, reason, remedy) values (1, 'block 7 is another one', 'recover it')`;
    await expect
      .poll(() => readyOf(api))
      .toMatchObject({ status: 503, reason: 'Chain 1: block 7 is another one.', remedy: 'Recover it.' });

    // Before the views are withdrawn, and after: the same.
    await sql`insert into indexer.halt (chain_id, reason, remedy) values (${CHAIN_ID.toString()}, ${noted}, ${remedy})`;
    for (const statement of ['select 1', 'drop schema chain cascade']) {
      await sql.unsafe(statement);
      await expect.poll(() => readyOf(api)).toMatchObject({ status: 503, ready: false, reason, remedy });
      for (const query of [
        '{ datanets { totalCount } }',
        '{ datanet(id: 1) { name } }',
        `{ node(id: "${btoa('Datanet:1')}") { id } }`,
        '{ protocolRollups(interval: DAY, from: "2026-09-24T00:00:00Z") { attributed } }',
      ]) {
        expect((await api.ask(query)).errors, query).toMatchObject([
          { message: `${reason} ${remedy}`, extensions: { code: 'INDEX_HALTED' } },
        ]);
      }
      expect(await api.data('{ _meta { ready reason chainId } __schema { queryType { name } } }')).toEqual({
        _meta: { ready: false, reason: `${reason} ${remedy}`, chainId: CHAIN_ID.toString() },
        __schema: { queryType: { name: 'Query' } },
      });
      expect(await metricsOf(api)).toMatchObject({ index_halted: 1, index_ready: 0 });
      expect(await (await fetch(api.url)).text()).toContain('The chain took back block 4960');
    }

    await sql`delete from indexer.halt`;
    await seed(url);
    await expect.poll(() => readyOf(api)).toMatchObject({ status: 200, reason: null, remedy: null });
    expect(await api.data('{ datanet(id: 1) { name } }')).toEqual({ datanet: { name: 'Licences' } });
    expect(await metricsOf(api)).toMatchObject({ index_halted: 0, index_ready: 1 });
  });

  test('a user who may not read why the index halts is served what there is', async () => {
    const { sql, url } = own;
    await sql.unsafe(`create role half_reader login password 'right';
      grant usage on schema chain to half_reader; grant select on all tables in schema chain to half_reader`);
    const half = new URL(url);
    Object.assign(half, { username: 'half_reader', password: 'right' });
    const limited = await startApi(half.href, { rpcUrls: [node.url] });
    expect(await limited.data('{ _meta { ready } datanet(id: 1) { name } }')).toEqual({
      _meta: { ready: true },
      datanet: { name: 'Licences' },
    });
    await limited.stop();
    await sql.unsafe('drop owned by half_reader; drop role half_reader');
  });
});

test('a database that freezes is not ready within seconds, and a full pool does not hold up /ready', async () => {
  const target = new URL(inject('seededUrl'));
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    sockets.push(client, upstream);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const through = new URL(target);
  through.port = String((proxy.address() as AddressInfo).port);
  const node = await startNode(atIndexed);
  const api = await startApi(through.href, { rpcUrls: [node.url] });
  expect(await readyOf(api)).toMatchObject({ status: 200 });

  const sql = postgres(inject('seededUrl'), { max: 1 });
  await sql.begin(async (transaction) => {
    await transaction`lock table chain.pause_state in access exclusive mode`;
    const waiting = Array.from({ length: 20 }, () => api.ask('{ pauseStates { nodes { contract } } }'));
    await sleep(700);
    const asked = performance.now();
    expect(await readyOf(api)).toMatchObject({ status: 200 });
    expect(performance.now() - asked).toBeLessThan(2500);
    for (const { errors } of await Promise.all(waiting.slice(0, 10))) {
      expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TIMEOUT' } }]);
    }
  });
  await sql.end();

  for (const socket of sockets) socket.pause().unpipe();
  const frozen = performance.now();
  await expect
    .poll(() => readyOf(api), { timeout: 20_000 })
    .toMatchObject({ status: 503, reason: 'The database cannot be reached.' });
  expect(performance.now() - frozen).toBeLessThan(15_000);
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await api.stop();
  await node.stop();
});
