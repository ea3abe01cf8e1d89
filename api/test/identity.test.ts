import { createDatabase } from '@openledger/db';
import { auditEvent, session } from '@openledger/db/app';
import type { TestDatabase } from '@openledger/db/testing';
import { desc } from 'drizzle-orm';
import { createSiweMessage, parseSiweMessage } from 'viem/siwe';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { asking, createWritableDatabase, newAccount, type SignedIn, signIn } from './account.ts';
import { startChain, type TestChain } from './chain.ts';
import { startApi, type TestApi } from './client.ts';
import { address, CHAIN_ID } from './world.ts';

let database: TestDatabase;
let chain: TestChain;
let api: TestApi;
let app: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  app = createDatabase({ url: database.url, max: 1 });
  chain = await startChain();
  api = await startApi(database.url, { rpcUrls: [chain.url], origins: ['*', 'https://app.example'] });
});
afterAll(async () => {
  await api.stop();
  await chain.stop();
  await app.close();
  await database.drop();
});

const signInQuery =
  'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token address } }';
const messageFor = async (account = newAccount(), origin?: string) => {
  const { signInMessage } = await api.data<{ signInMessage: { message: string } }>(
    'mutation($address: Address!, $origin: String) { signInMessage(address: $address, origin: $origin) { message nonce expiresAt } }',
    { address: account.address, origin },
  );
  return { account, message: signInMessage.message };
};
const codeOf = ({ errors }: Awaited<ReturnType<TestApi['ask']>>) => errors?.[0]?.extensions.code ?? 'none';
const newKey = (who: Pick<SignedIn, 'ask'>, args: string) =>
  who.ask(`mutation { createApiKey(${args}) { token key { id name prefix scopes budgetPerMinute expiresAt } } }`);
const tokenOf = (answer: Awaited<ReturnType<TestApi['ask']>>) =>
  (answer.data as unknown as { createApiKey: { token: string; key: { id: string } } }).createApiKey;

describe('signing in', () => {
  test('a wallet signs in, is known by its token, and is nobody again once it has signed out', async () => {
    const { account, ask, data } = await signIn(api);
    const asked = '{ me { address scopes session { current } apiKey { id } account { address } } }';
    expect(await data(asked)).toEqual({
      me: {
        address: account.address.toLowerCase(),
        scopes: ['READ', 'CONTRIBUTE', 'REVIEW', 'INFER', 'ADMIN', 'CHAT'],
        session: { current: true },
        apiKey: null,
        account: null,
      },
    });
    expect(await api.data('{ me { address } }')).toEqual({ me: null });
    expect(await data('mutation { signOut }')).toEqual({ signOut: true });
    const after = await ask('{ me { address } }');
    expect(after.status).toBe(401);
    expect(codeOf(after)).toBe('UNAUTHENTICATED');
  });

  test('a signature is good once, however often it is sent at the same time', async () => {
    const { account, message } = await messageFor();
    const signature = await account.signMessage({ message });
    const answers = await Promise.all([1, 2, 3].map(() => api.ask(signInQuery, { message, signature })));
    expect(answers.map(codeOf).sort()).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'none']);
    expect(codeOf(await api.ask(signInQuery, { message, signature }))).toBe('UNAUTHENTICATED');
  });

  test('an altered signature, another’s, and one of another message are refused', async () => {
    const { account, message } = await messageFor();
    const signature = await account.signMessage({ message });
    const altered = `${signature.slice(0, 20)}${signature[20] === '0' ? '1' : '0'}${signature.slice(21)}`;
    const others = await newAccount().signMessage({ message });
    const ofAnother = await account.signMessage({ message: `${message} ` });
    for (const wrong of [altered, others, ofAnother, '0x', '0x1234']) {
      expect(codeOf(await api.ask(signInQuery, { message, signature: wrong }))).toBe('UNAUTHENTICATED');
    }
    expect(codeOf(await api.ask(signInQuery, { message, signature }))).toBe('none');
  });

  test('a contract signs in by the signature that it accepts (ERC-1271), and by no other', async () => {
    const owner = newAccount();
    const wallet = await chain.deploy('SmartWallet', owner.address);
    const { message } = await messageFor({ ...owner, address: wallet });
    const stranger = await newAccount().signMessage({ message });
    expect(codeOf(await api.ask(signInQuery, { message, signature: stranger }))).toBe('UNAUTHENTICATED');
    const answer = await api.ask(signInQuery, { message, signature: await owner.signMessage({ message }) });
    expect(answer.data).toMatchObject({ signIn: { address: wallet.toLowerCase() } });
  });

  test('while no node answers, wallets sign in all the same, and contracts are told why they cannot', async () => {
    const alone = await startApi(database.url, { rpcUrls: ['http://127.0.0.1:1'] });
    await signIn(alone);
    const { signInMessage } = await alone.data<{ signInMessage: { message: string } }>(
      `mutation { signInMessage(address: "${address(77)}") { message } }`,
    );
    const signature = await newAccount().signMessage(signInMessage);
    expect(codeOf(await alone.ask(signInQuery, { ...signInMessage, signature }))).toBe('CHAIN_UNAVAILABLE');
    await alone.stop();
  });

  test('a message for another domain, chain or time is refused and named, though its signature is right', async () => {
    const account = newAccount();
    const told = async (change: (fields: Parameters<typeof createSiweMessage>[0]) => object) => {
      const { message } = await messageFor(account);
      const fields = parseSiweMessage(message) as Parameters<typeof createSiweMessage>[0];
      const changed = createSiweMessage({ ...fields, ...change(fields) });
      const answer = await api.ask(signInQuery, {
        message: changed,
        signature: await account.signMessage({ message: changed }),
      });
      return `${codeOf(answer)}: ${answer.errors?.[0]?.message}`;
    };
    const ago = new Date(Date.now() - 60_000);
    expect(await told(() => ({ domain: 'evil.example' }))).toContain(
      'BAD_USER_INPUT: message signs in to evil.example',
    );
    expect(await told(() => ({ domain: 'evil.example', uri: 'https://evil.example' }))).toContain('evil.example');
    expect(await told(() => ({ scheme: 'https' }))).toContain('scheme https');
    expect(await told(() => ({ chainId: 1 }))).toContain(`chain 1; this API is of chain ${CHAIN_ID}`);
    expect(await told(() => ({ expirationTime: ago }))).toContain('message has expired');
    expect(await told(() => ({ expirationTime: undefined }))).toContain('says no Expiration Time');
    expect(await told(() => ({ notBefore: new Date(Date.now() + 60_000) }))).toContain('not valid yet');
    expect(await told(() => ({ issuedAt: new Date(Date.now() + 600_000) }))).toContain('issued in the future');
    expect(await told(() => ({ nonce: 'a'.repeat(32) }))).toContain('UNAUTHENTICATED: The nonce is none of ours');
  });

  test('a message with anything between or behind its lines is refused', async () => {
    const { account, message } = await messageFor();
    for (const text of [
      `${message}\nand more`,
      message.replace('\n\nURI', '\n\nI give everything away.\n\nURI'),
      message.replace('Version: 1', 'Version: 2'),
      'hello',
      '',
    ]) {
      const answer = await api.ask(signInQuery, {
        message: text,
        signature: await account.signMessage({ message: text }),
      });
      expect(codeOf(answer)).toBe('BAD_USER_INPUT');
    }
  });

  test('a page of a known origin signs in under its own name; another cannot ask', async () => {
    const { account, message } = await messageFor(newAccount(), 'https://app.example');
    expect(message).toMatch(/^https:\/\/app\.example wants you to sign in/);
    const signature = await account.signMessage({ message });
    expect(codeOf(await api.ask(signInQuery, { message, signature }))).toBe('none');
    const elsewhere = await api.ask(
      `mutation { signInMessage(address: "${account.address}", origin: "https://evil.example") { message } }`,
    );
    expect(elsewhere.errors?.[0]?.message).toContain('signing in works from http://127.0.0.1');
  });

  test('the sessions of an account are listed, and each can be ended from another', async () => {
    const first = await signIn(api);
    const second = await signIn(api, first.account);
    const { sessions } = await first.data<{ sessions: { id: string; current: boolean }[] }>(
      '{ sessions { id current createdAt expiresAt lastUsedAt } }',
    );
    expect(sessions.map(({ current }) => current)).toEqual([false, true]);
    const other = await signIn(api);
    const end = (who: SignedIn, id: string) => who.ask('mutation($id: ID!) { revokeSession(id: $id) }', { id });
    expect(codeOf(await end(other, sessions[0]!.id))).toBe('NOT_FOUND');
    expect(codeOf(await end(first, 'x'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await end(first, sessions[0]!.id))).toBe('none');
    expect((await second.ask('{ me { address } }')).status).toBe(401);
  });

  test('a token that expired, or that we never made, is refused', async () => {
    const { ask } = await signIn(api);
    await app.db.update(session).set({ createdAt: new Date(0), expiresAt: new Date(1000) });
    expect((await ask('{ me { address } }')).status).toBe(401);
    for (const wrong of ['ols_short', `ols_${'a'.repeat(43)}`, `olk_${'a'.repeat(43)}`, 'x y']) {
      const { status } = await api.ask('{ me { address } }', undefined, { authorization: `Bearer ${wrong}` });
      expect(status).toBe(401);
    }
  });
});

describe('keys', () => {
  test('a key does what its scopes say and no more', async () => {
    const owner = await signIn(api);
    const made = tokenOf(await newKey(owner, 'name: "dashboard", scopes: [READ], budgetPerMinute: 1000'));
    expect(made).toMatchObject({
      token: expect.stringMatching(/^olk_/),
      key: {
        name: 'dashboard',
        prefix: made.token.slice(0, 10),
        scopes: ['READ'],
        budgetPerMinute: 1000,
        expiresAt: null,
      },
    });
    const key = asking(api, made.token);
    expect(await key.data('{ me { address scopes session { id } apiKey { name } } }')).toEqual({
      me: {
        address: owner.account.address.toLowerCase(),
        scopes: ['READ'],
        session: null,
        apiKey: { name: 'dashboard' },
      },
    });
    expect(codeOf(await key.ask('{ apiKeys { id } }'))).toBe('FORBIDDEN');
    expect(codeOf(await newKey(key, 'name: "more", scopes: [READ]'))).toBe('FORBIDDEN');
    expect(codeOf(await newKey(api, 'name: "nobody", scopes: [READ]'))).toBe('UNAUTHENTICATED');
  });

  test('a key passes on no more than it has: scopes, budget, time', async () => {
    const owner = await signIn(api);
    const soon = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
    const parent = asking(
      api,
      tokenOf(await newKey(owner, `name: "parent", scopes: [READ, ADMIN], budgetPerMinute: 100, expiresAt: "${soon}"`))
        .token,
    );
    const within = `budgetPerMinute: 100, expiresAt: "${soon}"`;
    expect(codeOf(await newKey(parent, `name: "a", scopes: [READ, CONTRIBUTE], ${within}`))).toBe('FORBIDDEN');
    expect(codeOf(await newKey(parent, `name: "a", scopes: [READ], budgetPerMinute: 101, expiresAt: "${soon}"`))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(await newKey(parent, 'name: "a", scopes: [READ], budgetPerMinute: 1'))).toBe('FORBIDDEN');
    expect(codeOf(await newKey(parent, `name: "a", scopes: [READ], ${within}`))).toBe('none');
  });

  test('all keys of an account share one budget; what cannot be is refused and named', async () => {
    const small = await startApi(database.url, {
      budgets: { anonymous: 10_000, session: 10_000, keys: 1000, writes: { anonymous: 99, session: 99, key: 99 } },
    });
    const owner = await signIn(small);
    const made = await Promise.all(
      [600, 600].map((budget) => newKey(owner, `name: "k", scopes: [READ], budgetPerMinute: ${budget}`)),
    );
    expect(made.map(codeOf).sort()).toEqual(['BUDGET_EXCEEDED', 'none']);
    await small.stop();
    const same = asking(api, owner.token);
    expect(codeOf(await newKey(same, 'name: "", scopes: [READ]'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await newKey(same, 'name: "k", scopes: []'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await newKey(same, 'name: "k", scopes: [READ], budgetPerMinute: 0'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await newKey(same, 'name: "k", scopes: [READ], expiresAt: "2020-01-01T00:00:00Z"'))).toBe(
      'BAD_USER_INPUT',
    );
  });

  test('a revoked key is no longer anybody’s, and is gone from the list', async () => {
    const owner = await signIn(api);
    const { token, key } = tokenOf(await newKey(owner, 'name: "k", scopes: [ADMIN]'));
    const revoke = `mutation { revokeApiKey(id: "${key.id}") }`;
    expect(codeOf(await (await signIn(api)).ask(revoke))).toBe('NOT_FOUND');
    expect(await asking(api, token).data(revoke)).toEqual({ revokeApiKey: key.id });
    expect((await asking(api, token).ask('{ me { address } }')).status).toBe(401);
    expect(await owner.data('{ apiKeys { id } }')).toEqual({ apiKeys: [] });
  });
});

test('tokens and keys are stored as hashes alone', async () => {
  const owner = await signIn(api);
  const { token } = tokenOf(await newKey(owner, 'name: "k", scopes: [READ]'));
  const [{ all }] = (await app.sql`
    select string_agg(t::text, '\n') as all from (
      select s::text from app.session s union all select k::text from app.api_key k union all select a::text from app.audit_event a
    ) t`) as unknown as [{ all: string }];
  for (const secret of [owner.token, token]) expect(all).not.toContain(secret.slice(12));
});

test('every write of an account is noted: what, about what, and how it went', async () => {
  const owner = await signIn(api);
  const { token, key } = tokenOf(await newKey(owner, 'name: "k", scopes: [READ]'));
  await newKey(asking(api, token), 'name: "more", scopes: [ADMIN]');
  await owner.ask('mutation { revokeSession(id: "x") }');
  await owner.ask(`mutation { revokeApiKey(id: "${key.id}") }`);
  const rows = await app.db.select().from(auditEvent).orderBy(desc(auditEvent.id)).limit(5);
  expect(
    rows.map(({ action, subject, outcome, code, keyId }) => ({
      action,
      subject,
      outcome,
      code,
      byKey: keyId !== null,
    })),
  ).toEqual([
    { action: 'revokeApiKey', subject: `ApiKey:${key.id}`, outcome: 'done', code: null, byKey: false },
    { action: 'revokeSession', subject: 'Session:x', outcome: 'refused', code: 'BAD_USER_INPUT', byKey: false },
    { action: 'createApiKey', subject: null, outcome: 'refused', code: 'FORBIDDEN', byKey: true },
    { action: 'createApiKey', subject: `ApiKey:${key.id}`, outcome: 'done', code: null, byKey: false },
    { action: 'signIn', subject: expect.stringMatching(/^Session:/), outcome: 'done', code: null, byKey: false },
  ]);
  expect(new Set(rows.map(({ account }) => account))).toEqual(new Set([owner.account.address.toLowerCase()]));
});

test('an API whose schema app was not migrated reads on, and says why it does not write', async () => {
  const reading = await startApi(inject('seededUrl'));
  expect(await reading.data('{ datanet(id: 1) { name } me { address } }')).toEqual({
    datanet: { name: 'Licences' },
    me: null,
  });
  const refused = await reading.ask(`mutation { signInMessage(address: "${address(1)}") { message } }`);
  expect(refused.errors).toMatchObject([
    { message: expect.stringContaining('npm run -w db migrate'), extensions: { code: 'WRITES_UNAVAILABLE' } },
  ]);
  const withToken = await reading.ask('{ me { address } }', undefined, {
    authorization: `Bearer ols_${'a'.repeat(43)}`,
  });
  expect(codeOf(withToken)).toBe('WRITES_UNAVAILABLE');
  await reading.stop();
});
