import { readFile } from 'node:fs/promises';
import { type Bots, startBots } from '@openledger/bots';
import { commands } from '@openledger/bots/core';
import { developmentAccounts } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { keccak256, parseEther, Wallet } from 'ethers';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelStatus } from '../drive/models.ts';
import { propose, untilVoting } from '../drive/proposals.ts';
import { Session } from '../drive/session.ts';
import { approveOpen } from '../drive/tokens.ts';
import { type Shown, startTelegram, type TelegramEmulator } from '../emulators/telegram/telegram.ts';
import { jsonl } from '../graphql/writing/texts.ts';
import { type Community, gather } from './community.ts';
import { freePort } from './freePort.ts';
import { linkOnPage } from './wallet.ts';

/** A community on Telegram: the real bot and API, a real chain, and a Bot API that enforces Telegram's limits. */
let community: Community;
let telegram: TelegramEmulator;
let bots: Bots;
const ann = { id: 101, first_name: 'Ann', language_code: 'en' };
const wallet = privateKeyToAccount(generatePrivateKey());

const startBot = async (webhook?: { url: string; secret: string }, port = 0): Promise<Bots> =>
  startBots({
    databaseUrl: community.stage.databaseUrl,
    apiUrl: community.stage.api.url,
    pagesUrl: community.stage.api.url,
    key: community.stage.operator.privateKey,
    secret: 'ab'.repeat(32),
    logLevel: 'warn',
    host: '127.0.0.1',
    port,
    discord: undefined,
    telegram: { token: telegram.token, apiRoot: telegram.url, webhook },
  });

beforeAll(async () => {
  [community, telegram] = await Promise.all([gather(), startTelegram()]);
  bots = await startBot();
}, 180_000);
afterAll(async () => {
  await bots?.stop();
  await telegram?.close();
  await community?.close();
});

/** Waits for a message that says so, after so many others. */
const heard = (words: RegExp, since = 0): Promise<Shown> =>
  community.until(
    () => telegram.shown.slice(since).find(({ text }) => words.test(text)),
    () => `Nobody says ${words}: ${JSON.stringify([telegram.shown.slice(-4), telegram.refused])}`,
  );
const say = async (text: string, words: RegExp): Promise<Shown> => {
  const since = telegram.shown.length;
  telegram.say(ann, text);
  return heard(words, since);
};
const press = async (label: string | RegExp, words: RegExp): Promise<Shown> => {
  const before = telegram.shown.length;
  telegram.press(ann, label);
  // What a button says takes the place of the message, or comes after it.
  return heard(words, Math.max(0, before - 1));
};

it('says what there is, in the language of whoever asks', async () => {
  expect((await say('/help', /OpenLedger/)).text).toContain('/contribute · give data to a datanet');
  const since = telegram.shown.length;
  telegram.say({ id: 202, first_name: 'Max', language_code: 'de' }, '/help');
  expect((await heard(/OpenLedger/, since)).text).toContain('einem Datanet Daten geben');
  expect([...telegram.commands.keys()].sort()).toEqual(['de', 'en', 'es']);
  expect(telegram.commands.get('en')).toEqual(commands.map(({ name }) => name));
  expect((await say('/datanets', /Datanets/)).text).toContain('#1 Bees & more');
  await say('/frobnicate', /I read commands: \/help shows them/);
});

it('a wallet is linked only when the person says that it is theirs', async () => {
  expect((await say('/contribute 1', /need a wallet/)).text).toContain('/link');
  const invitation = await say('/link', /three words/);
  const { url } = invitation.buttons.find((button) => button.url !== undefined)!;
  await press('I have signed', /No wallet has signed yet/);
  const again = await say('/link', /three words/);
  await linkOnPage(again.buttons.find((button) => button.url !== undefined)!.url!, wallet);
  await expect(linkOnPage(url!, wallet)).rejects.toThrow('void');
  await press('I have signed', new RegExp(`${wallet.address.toLowerCase()} signed. Is it yours`, 'i'));
  await press('Yes, link it', /Linked: I act for/);
  await community.relayed(wallet.address);
}, 180_000);

it('nothing is taken before the person agreed to what becomes of it', async () => {
  await say('/contribute 1', /read what becomes of it/);
  await press('Read it', /published in the datanet/);
  await press('I agree', /It is recorded/);
  const rows = await community.stage.sql`select purpose, text_hash from app.chat_consent where revoked_at is null`;
  expect(rows).toHaveLength(1);
});

it('a text, asked for question by question, and a file reach the chain in the person’s name', async () => {
  await say('/contribute 1', /Contribute to datanet #1/);
  await press('Question and answer', /Question/);
  await say('How far do honey bees fly for nectar when flowers are scarce?', /Answer/);
  await bots.stop();
  bots = await startBot();
  await say(
    'Most stay within two kilometres of the hive, but when flowers are scarce they go up to ten kilometres.',
    /about to be sent|on its way|on chain/,
  );
  // Nobody sends two things at once.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  const since = telegram.shown.length;
  telegram.give(
    ann,
    { name: 'tides.jsonl', type: 'application/jsonl', body: Buffer.from(jsonl('tides')) },
    '/contribute 1',
  );
  await heard(/about to be sent|on its way|on chain/i, since);
  await community.until(
    async () => ((await community.contributionsOf(wallet.address)) === 2 ? true : undefined),
    () => JSON.stringify(telegram.shown.slice(-3)),
  );
  expect((await say('/contributions', /Your contributions/)).text).toMatch(/#2 Bees & more · being reviewed/);
}, 240_000);

it('what somebody writes is never more than words', async () => {
  await say('/leaderboard 999', /There is no datanet #999/);
  await say('/model <b>1</b>', /did not work|not|no model/i);
  await say('hello', /I read commands/);
  expect(telegram.refused.filter(({ code }) => code !== 429)).toEqual([]);
});

it('in a group the bot speaks when it is spoken to, and keeps what is private for the person alone', async () => {
  const group = { id: -1001, type: 'supergroup' } as const;
  const before = telegram.shown.length;
  telegram.say(ann, 'good morning', group);
  telegram.say(ann, '/help@some_other_bot', group);
  telegram.say(ann, '/dance', group);
  telegram.say(ann, '/datanets@openledger_test_bot', group);
  await heard(/Bees & more/, before);
  telegram.say(ann, '/rewards', group);
  const rewards = await heard(/Your rewards/, before);
  const inGroup = telegram.shown.slice(before).filter(({ chatId }) => chatId === group.id);
  expect(inGroup.map(({ text }) => text.split('\n')[0])).toEqual(['Datanets']);
  expect(rewards.chatId).toBe(ann.id);
  telegram.say(ann, '/alerts', group);
  const alerts = await heard(/only about what you turn on/, before);
  expect(alerts.buttons.some(({ text }) => text.includes('here'))).toBe(false);
});

it('a group is answered below what was asked, in its topic; what it wants to be told of moves with it', async () => {
  const group = { id: -1002, type: 'supergroup' } as const;
  const topic = { message_thread_id: 7, is_topic_message: true };
  const since = telegram.shown.length;
  const asked = telegram.say(ann, '/ask@openledger_test_bot', group, topic);
  const question = await heard(/Number of the model/, since);
  expect(question).toMatchObject({ chatId: group.id, replyTo: asked, topicId: 7, isQuestion: true });
  // People go on talking with each other.
  telegram.say(ann, '12 apples, please', group, topic);
  const from = { id: 1, is_bot: true, first_name: 'OpenLedger', username: 'openledger_test_bot' };
  const below = { reply_to_message: { message_id: question.messageId, from }, ...topic };
  telegram.say(ann, 'twelve', group, below);
  await heard(/send a number/, since);
  telegram.say(ann, '/cancel', group, topic);
  await heard(/Never mind/, since);
  expect(telegram.shown.slice(since).map(({ text }) => text.split('\n')[0])).toEqual([
    'Number of the model',
    'Please send a number.',
    'Never mind.',
  ]);

  telegram.admins.add(`${group.id} ${ann.id}`);
  telegram.say(ann, '/alerts', group);
  await community.until(
    () => telegram.shown.find(({ chatId, text }) => chatId === group.id && /only about what you turn on/.test(text)),
    () => JSON.stringify(telegram.shown.slice(-3)),
  );
  telegram.press(ann, 'Votes, here: on', group.id);
  await heard(/on for everybody here/, since);
  telegram.push({ message: { message_id: 1, chat: { ...group, type: 'group' }, date: 0, migrate_to_chat_id: -1003 } });
  await community.until(
    async () =>
      (
        await community.stage
          .sql`select 1 from app.chat_subscription where recipient = '-1003' and topic = 'governance'`
      )[0],
    () => JSON.stringify(telegram.refused),
  );
}, 180_000);

it('whoever wants to hear of votes is reminded before one ends, once', async () => {
  const manifest: Manifest = JSON.parse(await readFile(community.stage.contractsFile, 'utf8'));
  const session = new Session(community.stage.rpcUrl, manifest);
  const { address, privateKey } = developmentAccounts(6)[5]!;
  // Holds the OPEN that are not locked up.
  const holder = { name: 'holder', address, wallet: new Wallet(privateKey) };
  await approveOpen(session, holder, session.address('GOPEN'));
  await session.send(holder, 'GOPEN', 'deposit', [parseEther('1000')]);
  await session.send(holder, 'GOPEN', 'delegate', [address]);
  await session.travel(1n);
  const vote = await propose(session, holder, '# Feed the @bees', [{ to: address, data: '0x' }]);
  await untilVoting(session, vote);
  await community.stage.indexed();
  await say('/votes', /^Votes[\s\S]*Feed the/);
  await press('Remind me of votes', /leave to write to you/);
  await press('Read it', /The bot may write to me/);
  await press('I agree', /It is recorded/);
  await say('/votes', /^Votes[\s\S]*Feed the/);
  await press('Remind me of votes', /Votes · on/);

  const since = telegram.shown.length;
  const ends = await session.view('OpenGovernor', 'proposalDeadline', [vote.id]);
  await session.travelTo(ends - 3_600n * 20n);
  const reminders = () => telegram.shown.slice(since).filter(({ text }) => /A vote ends soon: Feed the/.test(text));
  await community.until(
    () => (reminders().length === 2 ? true : undefined),
    () => JSON.stringify(telegram.shown.slice(since)),
  );
  expect(new Set(reminders().map(({ chatId }) => chatId))).toEqual(new Set([ann.id, -1003]));
  session.provider.destroy();
}, 240_000);

it('a model is asked from any chat; whatever is not for everybody there comes to the person alone', async () => {
  const eve = { id: 303, first_name: 'Eve', language_code: 'en' };
  expect(await telegram.inline(eve, 'Why do bees dance?')).toMatchObject({
    results: [],
    button: { text: 'Link a wallet first', start_parameter: 'link' },
  });
  expect((await telegram.inline(ann, ' ')).button).toEqual({
    text: 'Type a question for a model',
    start_parameter: 'model',
  });
  const manifest: Manifest = JSON.parse(await readFile(community.stage.contractsFile, 'utf8'));
  const session = new Session(community.stage.rpcUrl, manifest);
  const builder = {
    name: 'builder',
    address: community.owner.account.address,
    wallet: new Wallet(community.owner.privateKey!),
  };
  const model = async (name: string) => {
    const sent = await session.send(builder, 'ModelRegistry', 'registerModel', [
      keccak256('0x01'),
      name,
      'ipfs://model',
    ]);
    const { modelId } = sent.event('ModelRegistered');
    await session.send(builder, 'ModelRegistry', 'setStatus', [modelId, modelStatus.active]);
  };
  await model('Beekeeper');
  await community.stage.indexed();
  session.provider.destroy();
  const offered = await telegram.inline(ann, '1 Why do <b>bees</b> dance?');
  expect(offered.results).toMatchObject([
    {
      id: 'ask 1',
      title: '#1 Beekeeper',
      description: 'Why do <b>bees</b> dance?',
      reply_markup: { inline_keyboard: [[{ url: 'https://t.me/openledger_test_bot?start=ask_1' }]] },
    },
  ]);
  expect((await telegram.inline(ann, '7 Why?')).results).toEqual([]);

  const before = telegram.shown.length;
  const message = telegram.choose(ann, offered, 0);
  expect(message.text).toContain('Why do <b>bees</b> dance?');
  // Nobody serves it: that is told to whoever asked, not to everybody there.
  await community.until(
    () => (/That is for you alone/.test(message.text) ? true : undefined),
    () => JSON.stringify([message, telegram.refused]),
  );
  await community.until(
    () => telegram.shown.slice(before).find(({ chatId }) => chatId === ann.id),
    () => JSON.stringify(telegram.shown.slice(before)),
  );
  telegram.push({
    callback_query: {
      ...{ id: 'away', from: { is_bot: false, ...eve }, data: 'why|again|AAAA' },
      ...{ inline_message_id: message.inlineMessageId, chat_instance: '1' },
    },
  });
  await community.until(
    () => telegram.shown.slice(before).find(({ chatId, text }) => chatId === eve.id && /need a wallet/.test(text)),
    () => JSON.stringify(telegram.shown.slice(before)),
  );
}, 180_000);

it('a webhook takes updates from whoever has the secret, and from nobody else', async () => {
  await bots.stop();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/telegram`;
  bots = await startBot({ url, secret: 'a-secret-of-thirty-letters-or-so' }, port);
  const forged = {
    update_id: 1,
    message: { message_id: 1, from: ann, chat: { id: ann.id, type: 'private' }, text: '/help' },
  };
  const post = (headers: Record<string, string>) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(forged),
    });
  const before = telegram.shown.length;
  expect((await post({})).status).toBe(401);
  expect((await post({ 'x-telegram-bot-api-secret-token': 'a-secret-of-thirty-letters-or-s0' })).status).toBe(401);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(telegram.shown.length).toBe(before);
  await say('/datanets', /Bees & more/);
}, 120_000);

it('everything that is kept is given out and forgotten', async () => {
  const exported = await say('/export', /everything that is kept of you/);
  expect(exported.file?.name).toBe('openledger.json');
  await say('/forget', /The chain keeps/);
  await press('Delete everything', /Done: 2 contents erased/);
  await say('/rewards', /need a wallet/);
  const [kept] = await community.stage.sql`
    select (select count(*)::int from app.chat_link where platform_user_id = '101') as links,
      (select count(*)::int from app.chat_consent where platform_user_id = '101') as consents,
      (select count(*)::int from app.chat_key) as keys,
      (select count(*)::int from app.chat_update where sealed is not null) as updates`;
  expect(kept).toEqual({ links: 0, consents: 0, keys: 0, updates: 0 });
});
