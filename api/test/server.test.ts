import { createServer } from 'node:net';
import { parse, validate } from 'graphql';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { exampleTabs } from '../src/examples.ts';
import { schema } from '../src/schema/index.ts';
import { startChain, type TestChain } from './chain.ts';
import { manifest, startApi, type TestApi } from './client.ts';
import { CHAIN_ID, FINAL, INDEXED } from './world.ts';

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
};

/** The lists of an answer that hold nothing wherever they stand, by their path: `datanets.nodes.versions.nodes`. */
function emptyLists(answer: unknown): string[] {
  const sizes = new Map<string, number>();
  const visit = (value: unknown, path: readonly string[]) => {
    if (Array.isArray(value)) {
      const name = path.join('.');
      sizes.set(name, (sizes.get(name) ?? 0) + value.length);
      for (const item of value) visit(item, path);
    } else if (value !== null && typeof value === 'object') {
      for (const [field, inner] of Object.entries(value)) visit(inner, [...path, field]);
    }
  };
  visit(answer, []);
  return [...sizes].filter(([, size]) => size === 0).map(([name]) => name);
}

describe('beside a chain', () => {
  let chain: TestChain;
  let api: TestApi;
  beforeAll(async () => {
    chain = await startChain();
    api = await startApi(inject('seededUrl'), { rpcUrls: [chain.url] });
  });
  afterAll(async () => {
    await api.stop();
    await chain.stop();
  });

  test('_meta says which block everything is of, and how far that is behind', async () => {
    expect(
      await api.data(
        '{ _meta { block timestamp headBlock headSeenAt finalBlock finalTimestamp lag { blocks seconds } ready reason chainId contracts { name address } } }',
      ),
    ).toEqual({
      _meta: {
        block: INDEXED.block.toString(),
        timestamp: '2027-01-15T08:00:00Z',
        headBlock: INDEXED.block.toString(),
        headSeenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        finalBlock: FINAL.block.toString(),
        finalTimestamp: '2027-01-15T07:59:00Z',
        lag: { blocks: '0', seconds: '0' },
        ready: true,
        reason: null,
        chainId: CHAIN_ID.toString(),
        contracts: [
          ...Object.entries(manifest.contracts).map(([name, address]) => ({ name, address })),
          { name: 'VestingWallet: team', address: manifest.vesting[0]!.address },
        ],
      },
    });
  });

  test('/ready turns to 503 with the reason when the chain runs ahead, and /metrics with it', async () => {
    expect(await get(`${api.url}/ready`)).toMatchObject({ status: 200, body: expect.stringContaining('"ready":true') });
    await chain.mine(20);
    await expect
      .poll(() => get(`${api.url}/ready`), { timeout: 5000 })
      .toMatchObject({ status: 503, body: expect.stringMatching(/The index is 20 blocks \(\d+ s\) behind the chain/) });
    const { body } = await get(`${api.url}/metrics`);
    expect(body).toMatch(/^openledger_index_lag_blocks 20$/m);
    expect(body).toMatch(/^openledger_index_ready 0$/m);
  });

  test.each(
    exampleTabs.map((query) => [/^# (.*)/.exec(query)![1]!, query] as const),
  )('GraphiQL’s example answers: %s', async (_title, query) => {
    expect(validate(schema, parse(query))).toEqual([]);
    const { data, errors } = await api.ask(query);
    expect(errors).toBeUndefined();
    expect(emptyLists(data)).toEqual([]);
  });
});

describe('without a chain’s node', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi(inject('seededUrl'));
  });
  afterAll(() => api.stop());

  test('data is served all the same, but never called ready', async () => {
    const { _meta, datanet } = await api.data(
      '{ _meta { block lag { blocks } ready reason } datanet(id: 1) { name } }',
    );
    expect(datanet).toEqual({ name: 'Licences' });
    expect(_meta).toEqual({
      block: INDEXED.block.toString(),
      lag: null,
      ready: false,
      reason: 'No node at CHAIN_RPC_URL has answered yet.',
    });
    expect((await get(`${api.url}/ready`)).status).toBe(503);
  });

  test('a node that takes the connection and never answers does not hold anyone up', async () => {
    const silent = createServer(() => {});
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port));
    });
    const patient = await startApi(inject('seededUrl'), { rpcUrls: [`http://127.0.0.1:${port}`] });
    const began = performance.now();
    expect(await patient.data('{ _meta { ready } }')).toEqual({ _meta: { ready: false } });
    expect(performance.now() - began).toBeLessThan(3000);
    await patient.stop();
    silent.close();
  });

  test('pages: landing, health, schema, metrics; anything else is 404 and says where to look', async () => {
    const landing = await get(`${api.url}/`);
    expect(landing).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    for (const link of ['/graphql', '/schema.graphql', '/health', '/ready', '/metrics']) {
      expect(landing.body).toContain(`href="${link}"`);
    }
    expect(await get(`${api.url}/health`)).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
    expect((await get(`${api.url}/schema.graphql`)).body).toContain('type Datanet implements Node');
    expect(await get(`${api.url}/nothing`)).toMatchObject({
      status: 404,
      body: '{"error":"There is nothing at /nothing. See / for what there is."}\n',
    });
    expect((await fetch(`${api.url}/health`, { method: 'POST' })).status).toBe(405);
  });

  test('metrics count requests by status and errors by code, and show the pool', async () => {
    await api.ask('{ datanet(id: "x") { id } }');
    const { body, type } = await get(`${api.url}/metrics`);
    expect(type).toContain('text/plain');
    expect(body).toMatch(/^openledger_api_requests_total\{route="\/graphql",status="200"\} [1-9]/m);
    expect(body).toMatch(/^openledger_api_request_duration_seconds_count\{route="\/graphql"\} [1-9]/m);
    expect(body).toMatch(/^openledger_api_graphql_errors_total\{code="BAD_USER_INPUT"\} [1-9]/m);
    expect(body).toMatch(/^openledger_api_db_connections\{state="\w+"\} [1-9]/m);
    expect(body).toMatch(/^openledger_api_db_pool_max 28$/m);
    expect(body).toMatch(/^openledger_index_lag_blocks Nan$/im);
  });

  test('GraphiQL needs no network and starts with the examples; off means off', async () => {
    const page = await fetch(`${api.url}/graphql`, { headers: { accept: 'text/html' } });
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
    expect(text).toContain('How fresh is all this');
    const off = await startApi(inject('seededUrl'), { graphiql: false });
    const none = await fetch(`${off.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await none.text()).not.toContain('<html');
    expect((await get(`${off.url}/`)).body).not.toContain('GraphiQL');
    await off.stop();
  });
});

describe('before the indexer published its views', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi(inject('emptyUrl'));
  });
  afterAll(() => api.stop());

  test('queries say so with a code of their own', async () => {
    const { status, errors } = await api.ask('{ datanets { totalCount nodes { name } } }');
    expect(status).toBe(200);
    expect(errors).toMatchObject([
      {
        message: 'The index is not there yet: the indexer is starting. See /ready.',
        extensions: { code: 'INDEX_NOT_READY' },
      },
    ]);
    expect(await api.data('{ _meta { block timestamp lag { blocks } ready } }')).toEqual({
      _meta: { block: null, timestamp: null, lag: null, ready: false },
    });
  });

  test('/ready is 503 with the reason, /health is 200', async () => {
    expect(await get(`${api.url}/ready`)).toMatchObject({
      status: 503,
      body: expect.stringContaining('The indexer has not published its views yet'),
    });
    expect((await get(`${api.url}/health`)).status).toBe(200);
  });

  test('once they are there, queries answer without a restart', async () => {
    const sql = postgres(inject('emptyUrl'), { max: 1, onnotice: () => {} });
    await sql.unsafe(
      'create schema chain; create table chain.pause_state (contract text primary key, contract_name text, paused boolean, created_block bigint, created_at bigint, created_tx text, updated_block bigint, updated_at bigint)',
    );
    expect(await api.data('{ pauseStates { totalCount nodes { contract } } }')).toEqual({
      pauseStates: { totalCount: 0, nodes: [] },
    });
    await sql.unsafe('drop schema chain cascade');
    await sql.end();
  });
});

test('a database that goes away is a code of its own and not ready; once it is back, so are the answers', async () => {
  const sql = postgres(inject('emptyUrl'), { max: 1, onnotice: () => {} });
  const make = () => sql.unsafe('create database passing');
  await make();
  const url = new URL(inject('emptyUrl'));
  url.pathname = '/passing';
  const api = await startApi(url.href);
  await sql.unsafe('drop database passing with (force)');
  const { status, errors } = await api.ask('{ datanets { totalCount } }');
  expect(status).toBe(200);
  expect(errors).toMatchObject([
    { message: 'The database cannot be reached.', extensions: { code: 'DATABASE_UNAVAILABLE' } },
  ]);
  expect(await get(`${api.url}/ready`)).toMatchObject({
    status: 503,
    body: expect.stringContaining('The database cannot be reached'),
  });
  expect((await get(`${api.url}/health`)).status).toBe(200);
  await make();
  await expect
    .poll(async () => (await api.ask('{ datanets { totalCount } }')).errors?.[0]?.extensions.code, { timeout: 10_000 })
    .toBe('INDEX_NOT_READY');
  await api.stop();
  await sql.unsafe('drop database passing with (force)');
  await sql.end();
});

test('a query that takes too long is cut off at 5 seconds with a code of its own', async () => {
  const api = await startApi(inject('seededUrl'));
  const sql = postgres(inject('seededUrl'), { max: 1 });
  // Whoever reads a table that is being altered waits for it.
  const altering = sql.begin(async (transaction) => {
    await transaction`lock table chain.pause_state in access exclusive mode`;
    const { errors, status } = await api.ask('{ pauseStates { nodes { contract } } }');
    expect(status).toBe(200);
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'QUERY_TIMEOUT' } });
  });
  await altering;
  await sql.end();
  await api.stop();
});
