import { createDatabase } from '@openledger/db';
import { chatConsent, chatLink, chatLinkRequest } from '@openledger/db/app';
import type { TestDatabase } from '@openledger/db/testing';
import { sql } from 'drizzle-orm';
import { parseSiweMessage } from 'viem/siwe';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { asking, createWritableDatabase, newAccount, type SignedIn, signIn } from './account.ts';
import { startChain, type TestChain } from './chain.ts';
import { type Answer, startApi, type TestApi } from './client.ts';

const operator = newAccount();
let database: TestDatabase;
let chain: TestChain;
let api: TestApi;
let app: ReturnType<typeof createDatabase>;
let bot: Pick<SignedIn, 'ask' | 'data'>;
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  app = createDatabase({ url: database.url, max: 1 });
  chain = await startChain();
  const chatOperators = [operator.address.toLowerCase() as `0x${string}`];
  api = await startApi(database.url, { rpcUrls: [chain.url], chatOperators, secret: 'ab'.repeat(32) });
  const { data } = await signIn(api, operator);
  const { createApiKey } = await data<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(name: "bot", scopes: [CHAT]) { token } }',
  );
  bot = asking(api, createApiKey.token);
});
afterAll(async () => {
  await api.stop();
  await chain.stop();
  await app.close();
  await database.drop();
});

let users = 100;
const newUser = () => `${++users}`;
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'none';
type Invitation = { url: string; claim: string; phrase: string; token: string };
const invite = async (userId: string, userName = 'alice'): Promise<Invitation> => {
  const { startChatLink } = await bot.data<{ startChatLink: Omit<Invitation, 'token'> }>(
    `mutation($userId: String!, $userName: String!) {
      startChatLink(platform: DISCORD, userId: $userId, userName: $userName) { url claim phrase expiresAt }
    }`,
    { userId, userName },
  );
  return { ...startChatLink, token: new URL(startChatLink.url).hash.slice(1) };
};
const messageFor = async (token: string, address: string) => {
  const { chatLinkMessage } = await api.data<{ chatLinkMessage: { message: string } }>(
    'mutation($token: String!, $address: Address!) { chatLinkMessage(token: $token, address: $address) { message } }',
    { token, address },
  );
  return chatLinkMessage.message;
};
const sign = (token: string, message: string, signature: string) =>
  api.ask(
    `mutation($token: String!, $message: String!, $signature: Hex!) {
      signChatLink(token: $token, message: $message, signature: $signature) { token address }
    }`,
    { token, message, signature },
  );
const stateOf = async (claim: string) => {
  const { chatLinkClaim } = await bot.data<{ chatLinkClaim: { state: string; account: string | null } }>(
    'query($claim: String!) { chatLinkClaim(claim: $claim) { state account } }',
    { claim },
  );
  return chatLinkClaim;
};
const confirm = (claim: string) =>
  bot.ask('mutation($claim: String!) { confirmChatLink(claim: $claim) { account token } }', { claim });
const link = async (userId: string, wallet = newAccount()) => {
  const { token, claim } = await invite(userId);
  const message = await messageFor(token, wallet.address);
  await sign(token, message, await wallet.signMessage({ message }));
  const { confirmChatLink } = (await confirm(claim)).data as unknown as { confirmChatLink: { token: string } };
  return { wallet, ...asking(api, confirmChatLink.token) };
};
const chatAccount = (userId: string) =>
  bot.data<{ chatAccount: { link: { account: string; userName: string } | null; consents: { purpose: string }[] } }>(
    `query($userId: String!) {
      chatAccount(platform: DISCORD, userId: $userId) { link { account userName } consents { purpose textHash } }
    }`,
    { userId },
  );

test('a wallet signs on the page, the chat account confirms, and the bot acts for the wallet, without its keys and money', async () => {
  const userId = newUser();
  const wallet = newAccount();
  const address = wallet.address.toLowerCase();
  const { url, token, claim, phrase } = await invite(userId);
  expect(new URL(url).pathname).toBe('/link');
  const asked = await api.data(
    'query($token: String!) { chatLinkRequest(token: $token) { platform userId userName phrase state } }',
    { token },
  );
  expect(asked).toEqual({
    chatLinkRequest: { platform: 'DISCORD', userId, userName: 'alice', phrase, state: 'WAITING' },
  });
  expect(phrase.split(' ')).toHaveLength(3);

  const message = await messageFor(token, wallet.address);
  expect(parseSiweMessage(message).statement).toContain(
    `Link the Discord account alice (id ${userId}) to this wallet.`,
  );
  expect(codeOf(await confirm(claim))).toBe('CONFLICT');
  expect(codeOf(await sign(token, message, await wallet.signMessage({ message })))).toBe('none');
  expect(await stateOf(claim)).toEqual({ state: 'SIGNED', account: address });
  expect((await chatAccount(userId)).chatAccount.link).toBeNull();

  const { confirmChatLink } = (await confirm(claim)).data as unknown as {
    confirmChatLink: { account: string; token: string };
  };
  expect(confirmChatLink.account).toBe(address);
  const acting = asking(api, confirmChatLink.token);
  expect(await acting.data('{ me { address scopes } }')).toEqual({
    me: { address, scopes: ['READ', 'CONTRIBUTE', 'REVIEW', 'INFER'] },
  });
  expect(codeOf(await acting.ask('mutation { createApiKey(name: "more", scopes: [READ]) { token } }'))).toBe(
    'FORBIDDEN',
  );
  expect((await chatAccount(userId)).chatAccount.link).toEqual({ account: address, userName: 'alice' });
});

test('a signature for one chat account links no other, and a link is good once', async () => {
  const wallet = newAccount();
  const [mine, theirs] = [await invite(newUser()), await invite(newUser(), 'mallory')];
  const message = await messageFor(mine.token, wallet.address);
  const signature = await wallet.signMessage({ message });
  expect(codeOf(await sign(theirs.token, message, signature))).toBe('BAD_USER_INPUT');
  const other = newAccount();
  expect(codeOf(await sign(mine.token, message, await other.signMessage({ message })))).toBe('UNAUTHENTICATED');
  const answers = await Promise.all([1, 2, 3].map(() => sign(mine.token, message, signature)));
  expect(answers.filter((answer) => codeOf(answer) === 'none')).toHaveLength(1);
  expect(codeOf(await sign(mine.token, message, signature))).toBe('CONFLICT');
  const confirmed = await Promise.all([1, 2, 3].map(() => confirm(mine.claim)));
  expect(confirmed.map(codeOf).sort()).toEqual(['CONFLICT', 'CONFLICT', 'none']);
  expect(codeOf(await confirm(theirs.claim))).toBe('CONFLICT');
});

test('an ordinary message to sign in links nothing', async () => {
  const wallet = newAccount();
  const { token } = await invite(newUser());
  const { signInMessage } = await api.data<{ signInMessage: { message: string } }>(
    'mutation($address: Address!) { signInMessage(address: $address) { message } }',
    { address: wallet.address },
  );
  const { message } = signInMessage;
  expect(codeOf(await sign(token, message, await wallet.signMessage({ message })))).toBe('BAD_USER_INPUT');
});

test('a newer link voids the one before, a refused or old one is good for nothing', async () => {
  const userId = newUser();
  const [first, second] = [await invite(userId), await invite(userId)];
  expect((await stateOf(first.claim)).state).toBe('REFUSED');
  expect(codeOf(await bot.ask(`mutation { refuseChatLink(claim: "${second.claim}") }`))).toBe('none');
  const third = await invite(userId);
  await app.db
    .update(chatLinkRequest)
    .set({ createdAt: sql`now() - interval '20 minutes'`, expiresAt: sql`now() - interval '1 minute'` });
  expect((await stateOf(third.claim)).state).toBe('EXPIRED');
  for (const { token, claim } of [first, second, third]) {
    const asked = await api.ask(
      'mutation($token: String!, $address: Address!) { chatLinkMessage(token: $token, address: $address) { message } }',
      { token, address: newAccount().address },
    );
    expect(codeOf(asked)).toBe('CONFLICT');
    expect(codeOf(await confirm(claim))).toBe('CONFLICT');
  }
  expect(codeOf(await api.ask('{ chatLinkRequest(token: "oll_nothing") { state } }'))).toBe('NOT_FOUND');
});

test('linking another wallet ends the link before, and the wallet ends it too; the key ends with it', async () => {
  const userId = newUser();
  const before = await link(userId);
  const after = await link(userId);
  expect((await before.ask('{ me { address } }')).status).toBe(401);
  expect((await chatAccount(userId)).chatAccount.link?.account).toBe(after.wallet.address.toLowerCase());
  const owner = await signIn(api, after.wallet);
  const { chatLinks } = await owner.data<{ chatLinks: { id: string }[] }>('{ chatLinks { id platform userName } }');
  expect(chatLinks).toEqual([{ id: expect.any(String), platform: 'DISCORD', userName: 'alice' }]);
  const stranger = await signIn(api);
  expect(codeOf(await stranger.ask(`mutation { unlinkChat(id: "${chatLinks[0]!.id}") }`))).toBe('NOT_FOUND');
  await owner.data(`mutation { unlinkChat(id: "${chatLinks[0]!.id}") }`);
  expect((await after.ask('{ me { address } }')).status).toBe(401);
  expect((await chatAccount(userId)).chatAccount.link).toBeNull();
});

test('only bots of accounts that the operator named may say who writes to them', async () => {
  const { data, ask } = await signIn(api);
  const { createApiKey } = await data<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(name: "bot", scopes: [CHAT]) { token } }',
  );
  const asked = 'mutation { startChatLink(platform: TELEGRAM, userId: "1", userName: "eve") { url } }';
  expect(codeOf(await api.ask(asked))).toBe('UNAUTHENTICATED');
  expect(codeOf(await ask(asked))).toBe('FORBIDDEN');
  expect(codeOf(await asking(api, createApiKey.token).ask(asked))).toBe('FORBIDDEN');
  for (const query of [
    'chatAccount(platform: DISCORD, userId: "1") { consents { purpose } }',
    'chatLinkClaim(claim: "x") { state }',
  ]) {
    expect(codeOf(await ask(`{ ${query} }`))).toBe('FORBIDDEN');
  }
});

test('consent is recorded with the words that were shown, taken back, and everything is forgotten on request', async () => {
  const userId = newUser();
  const { ask } = await link(userId);
  const grant = (purpose: string, text: string) =>
    bot.ask(
      `mutation($userId: String!, $purpose: ChatConsentPurpose!, $text: String!) {
        grantChatConsent(platform: DISCORD, userId: $userId, purpose: $purpose, text: $text)
      }`,
      { userId, purpose, text },
    );
  expect(codeOf(await grant('CONTRIBUTE', 'ok'))).toBe('BAD_USER_INPUT');
  await grant('CONTRIBUTE', 'What I send is published and trains models.');
  await grant('CONTRIBUTE', 'Was ich sende, wird veröffentlicht und trainiert Modelle.');
  await grant('ALERTS', 'The bot may write to me about my rewards.');
  const { consents } = (await chatAccount(userId)).chatAccount;
  expect(consents.map(({ purpose }) => purpose)).toEqual(['ALERTS', 'CONTRIBUTE']);
  await bot.data(`mutation { revokeChatConsent(platform: DISCORD, userId: "${userId}", purpose: ALERTS) }`);
  expect((await chatAccount(userId)).chatAccount.consents).toHaveLength(1);
  await bot.data(`mutation { forgetChatAccount(platform: DISCORD, userId: "${userId}") }`);
  expect((await ask('{ me { address } }')).status).toBe(401);
  for (const [table, column] of [
    [chatLink, chatLink.platformUserId],
    [chatLinkRequest, chatLinkRequest.platformUserId],
    [chatConsent, chatConsent.platformUserId],
  ] as const) {
    expect(await app.db.$count(table, sql`${column} = ${userId}`)).toBe(0);
  }
});

test('a name is shown as one plain line, and signed in letters that every wallet shows', async () => {
  const { token } = await invite(newUser(), 'ev\u202eil\n\u0000 <b>Ω</b>');
  const { chatLinkRequest: asked } = await api.data<{ chatLinkRequest: { userName: string } }>(
    'query($token: String!) { chatLinkRequest(token: $token) { userName } }',
    { token },
  );
  expect(asked.userName).toBe('evil <b>Ω</b>');
  const { statement } = parseSiweMessage(await messageFor(token, newAccount().address));
  expect(statement).toContain('account evil ?b????b? (id');
});

test('names rest encrypted, tokens as their hashes', async () => {
  const { token, claim } = await invite(newUser(), 'a name that nobody else has');
  const rows = JSON.stringify(await app.sql`select row_to_json(r)::text from app.chat_link_request r`);
  for (const secret of ['a name that nobody', token, claim]) expect(rows).not.toContain(secret);
});

test('the pages load nothing from elsewhere, and nobody frames them', async () => {
  for (const path of ['/link', '/claim', '/pay', '/assets/link.js', '/assets/claim.js', '/assets/page.css']) {
    const response = await fetch(`${api.url}${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(await response.text()).not.toMatch(/https?:\/\//);
  }
});
