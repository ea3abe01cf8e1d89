import { createHash } from 'node:crypto';
import type { TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { asking, createWritableDatabase, signIn } from './account.ts';
import { startApi, type TestApi } from './client.ts';
import { post, send } from './raw.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
});
afterAll(() => database.drop());

const budgets = { anonymous: 100, session: 1000, keys: 2000, writes: { anonymous: 6, session: 20, key: 20 } };
const start = (overrides = {}) => startApi(database.url, { budgets, ...overrides });
const small = { query: '{ datanet(id: 1) { name } }' };
const large = { query: '{ contributions(first: 9) { nodes { contributionId status uri rowCount } } }' };
type Cost = { requested: number; limit: number; remaining: number; resetAt: string; writes?: Cost };
const costOf = (body: string) => (JSON.parse(body) as { extensions: { cost: Cost } }).extensions.cost;

describe('what an operation costs', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await start();
  });
  afterAll(() => api.stop());

  test('is told with the answer, and what is left in the headers', async () => {
    const { body, headers } = await post(api.url, large);
    const { requested, limit, remaining, resetAt } = costOf(body);
    // The list is 2, and each of its rows has 4 fields.
    expect({ requested, limit }).toEqual({ requested: 2 + 9 * 4, limit: 100 });
    // Looking at a request costs 1.
    expect(remaining).toBeGreaterThanOrEqual(100 - requested - 1);
    expect(resetAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(headers['ratelimit-policy']).toBe('"read";q=100;w=60, "write";q=6;w=60');
    expect(headers.ratelimit).toMatch(/^"read";r=\d+;t=\d+, "write";r=6;t=0$/);
  });

  test('depends on the variables, and is the same each time', async () => {
    const query = 'query($first: Int) { contributions(first: $first) { nodes { contributionId } } }';
    const told = async (first: number) => costOf((await post(api.url, { query, variables: { first } })).body).requested;
    expect([await told(3), await told(10), await told(3)]).toEqual([5, 12, 5]);
  });
});

test('whoever has spent its budget is refused with the time to wait, before anything runs; others are not', async () => {
  const api = await start({ proxies: 1 });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  let last = await post(api.url, large, from('198.51.100.1'));
  for (let n = 0; n < 5 && last.status === 200; n += 1) last = await post(api.url, large, from('198.51.100.1'));
  expect(last).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
  expect(last.headers.ratelimit).toContain('"read";r=');
  expect(JSON.parse(last.body)).not.toHaveProperty('data');
  api.statements();
  expect((await post(api.url, large, from('198.51.100.1'))).status).toBe(429);
  expect(api.statements()).toEqual([]);
  expect((await post(api.url, large, from('198.51.100.2'))).status).toBe(200);
  expect((await post(api.url, small, from('made-up, 198.51.100.1'))).headers.ratelimit).not.toContain('r=99;');
  await api.stop();
});

test('what no waiting brings is refused as such; a session and a key have more', async () => {
  const api = await start();
  const dear = { query: '{ contributions(first: 40) { nodes { contributionId status uri rowCount } } }' };
  expect(await post(api.url, dear)).toMatchObject({ status: 403, code: 'BUDGET_EXCEEDED' });
  const owner = await signIn(api);
  const answer = await post(api.url, dear, { authorization: `Bearer ${owner.token}` });
  expect(costOf(answer.body)).toMatchObject({ requested: 162, limit: 1000 });
  const { createApiKey } = await owner.data<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(name: "k", scopes: [READ], budgetPerMinute: 50) { token } }',
  );
  const key = { authorization: `Bearer ${createApiKey.token}` };
  expect(costOf((await post(api.url, small, key)).body).limit).toBe(50);
  expect(await post(api.url, dear, key)).toMatchObject({ status: 403, code: 'BUDGET_EXCEEDED' });
  await api.stop();
});

test('writes have a budget of their own, which reading does not touch', async () => {
  const api = await start();
  const ask = { query: 'mutation { signInMessage(address: "0x0000000000000000000000000000000000000001") { nonce } }' };
  const first = await post(api.url, ask);
  expect(costOf(first.body).writes).toMatchObject({ requested: 1, limit: 6, remaining: 5 });
  let last = first;
  for (let n = 0; n < 7 && last.status === 200; n += 1) last = await post(api.url, ask);
  expect(last).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  expect((await post(api.url, small)).status).toBe(200);
  const twice = {
    query: `mutation { ${'abcdefg'
      .split('')
      .map((name) => `${name}: signOut`)
      .join(' ')} }`,
  };
  expect(await post(api.url, twice)).toMatchObject({ status: 403, code: 'BUDGET_EXCEEDED' });
  await api.stop();
});

test('guessing tokens is stopped before the database is asked', async () => {
  const api = await start();
  const guess = (n: number) => post(api.url, small, { authorization: `Bearer ols_${String(n).repeat(43)}` });
  for (let n = 0; n < 6; n += 1) expect((await guess(n)).status).toBe(401);
  api.statements();
  expect(await guess(7)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  expect(api.statements()).toEqual([]);
  await api.stop();
});

test('documents that cannot run are paid for too', async () => {
  const api = await start();
  let last = await post(api.url, { query: '{ nothing }' });
  for (let n = 0; n < 10 && last.code === 'GRAPHQL_VALIDATION_FAILED'; n += 1) {
    last = await post(api.url, { query: `{ nothing${n} }` });
  }
  expect(last).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  await api.stop();
});

describe('cookies', () => {
  const app = 'https://app.example';
  let api: TestApi;
  let cookie: string;
  beforeAll(async () => {
    api = await startApi(database.url, { origins: ['*', app] });
    const { account } = await signIn(api);
    const { signInMessage } = await api.data<{ signInMessage: { message: string } }>(
      `mutation { signInMessage(address: "${account.address}") { message } }`,
    );
    const signature = await account.signMessage(signInMessage);
    const signed = await post(api.url, {
      query:
        'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature, cookie: true) { address } }',
      variables: { ...signInMessage, signature },
    });
    const [given] = signed.headers['set-cookie'] as string[];
    expect(given).toMatch(/^openledger_session=ols_[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/);
    cookie = given!.split(';')[0]!;
  });
  afterAll(() => api.stop());
  const me = { query: '{ me { address } }' };
  const isSomebody = (body: string) => body.includes('"address":"0x');

  test('say who asks from a page of ours, and from no other', async () => {
    expect(isSomebody((await post(api.url, me, { cookie })).body)).toBe(true);
    expect(isSomebody((await post(api.url, me, { cookie, origin: app })).body)).toBe(true);
    expect(isSomebody((await post(api.url, me, { cookie, origin: api.url })).body)).toBe(true);
    expect(await post(api.url, me, { cookie, origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      code: 'CSRF_REFUSED',
    });
  });

  test('are not taken with a GET that any page can send, unless a header or the browser vouches for it', async () => {
    const url = `${api.url}/graphql?query=${encodeURIComponent(me.query)}`;
    const get = (headers: Record<string, string>) => send(url, { method: 'GET', headers: { cookie, ...headers } });
    expect(await get({})).toMatchObject({ status: 403, code: 'CSRF_REFUSED' });
    expect(isSomebody((await get({ 'openledger-csrf': '1' })).body)).toBe(true);
    expect(isSomebody((await get({ 'sec-fetch-site': 'same-origin' })).body)).toBe(true);
  });

  test('go with their session', async () => {
    const out = await post(api.url, { query: 'mutation { signOut }' }, { cookie });
    expect((out.headers['set-cookie'] as string[])[0]).toMatch(/^openledger_session=; Path=\/; Max-Age=0/);
    expect(JSON.parse((await post(api.url, me, { cookie })).body)).toMatchObject({ data: { me: null } });
  });

  test('over HTTPS are for this host and for HTTPS alone', async () => {
    const secure = await startApi(database.url, { publicUrl: 'https://api.example' });
    const { account } = await signIn(secure);
    const { signInMessage } = await secure.data<{ signInMessage: { message: string } }>(
      `mutation { signInMessage(address: "${account.address}") { message } }`,
    );
    expect(signInMessage.message).toContain('https://api.example wants you to sign in');
    const signed = await post(secure.url, {
      query:
        'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature, cookie: true) { address } }',
      variables: { ...signInMessage, signature: await account.signMessage(signInMessage) },
    });
    expect((signed.headers['set-cookie'] as string[])[0]).toMatch(
      /^__Host-openledger_session=ols_.*; HttpOnly; SameSite=Lax; Secure$/,
    );
    await secure.stop();
  });

  test('CORS lets named origins come with them, others read without, and nobody where it says so', async () => {
    const preflight = async (at: TestApi, origin: string) => {
      const { headers } = await send(`${at.url}/graphql`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
      return [headers['access-control-allow-origin'], headers['access-control-allow-credentials']];
    };
    expect(await preflight(api, app)).toEqual([app, 'true']);
    expect(await preflight(api, 'https://evil.example')).toEqual(['https://evil.example', undefined]);
    const strict = await startApi(database.url, { origins: [app] });
    expect(await preflight(strict, 'https://evil.example')).toEqual([undefined, undefined]);
    await strict.stop();
  });
});

describe('persisted operations', () => {
  const query = '{ datanet(id: 1) { name } }';
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const named = { extensions: { persistedQuery: { version: 1, sha256Hash } } };
  test('an account registers one by sending it once; then its hash is enough for anybody', async () => {
    const api = await startApi(database.url);
    const owner = await signIn(api);
    expect(await post(api.url, named)).toMatchObject({ status: 200, code: 'PERSISTED_QUERY_NOT_FOUND' });
    expect(JSON.parse((await post(api.url, named)).body).errors[0].message).toBe('PersistedQueryNotFound');
    // Anonymous callers are answered, but register nothing.
    expect((await post(api.url, { query, ...named })).code).toBeUndefined();
    expect(await post(api.url, named)).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    const authorization = `Bearer ${owner.token}`;
    expect((await post(api.url, { query, ...named }, { authorization })).code).toBeUndefined();
    expect(JSON.parse((await post(api.url, named)).body).data).toEqual({ datanet: { name: 'Licences' } });
    expect(await post(api.url, { query: '{ _meta { ready } }', ...named }, { authorization })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await api.stop();
  });

  test('where only those are served, anonymous callers run nothing else but signing in; accounts do', async () => {
    const api = await startApi(database.url, { persistedOnly: true });
    expect(await post(api.url, { query: '{ datanets { totalCount } }' })).toMatchObject({
      status: 403,
      code: 'PERSISTED_QUERY_REQUIRED',
    });
    // Registered above: another process, the same database.
    expect(JSON.parse((await post(api.url, named)).body).data).toEqual({ datanet: { name: 'Licences' } });
    const owner = await signIn(api);
    expect(await asking(api, owner.token).data('{ datanets { totalCount } }')).toEqual({ datanets: { totalCount: 3 } });
    await api.stop();
  });
});

test('uploads are admitted, and paid from what may be written, as mutations are', async () => {
  const api = await start();
  const owner = await signIn(api);
  const upload = (headers: Record<string, string>) =>
    send(`${api.url}/upload`, {
      headers: { 'content-type': 'text/plain', ...headers },
      body: 'What is a test? This is one.',
    });
  // A form of another site could send this much.
  expect(await upload({ cookie: `openledger_session=${owner.token}` })).toMatchObject({
    status: 403,
    code: 'CSRF_REFUSED',
  });
  const authorization = `Bearer ${owner.token}`;
  expect((await upload({ authorization })).status).toBe(201);
  let last = await upload({ authorization });
  for (let n = 0; n < 30 && last.status === 201; n += 1) last = await upload({ authorization });
  expect(last).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  await api.stop();
});
