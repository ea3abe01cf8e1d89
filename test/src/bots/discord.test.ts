import { type Bots, startBots } from '@openledger/bots';
import { commands } from '@openledger/bots/core';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DiscordEmulator, type Shown, startDiscord } from '../emulators/discord/discord.ts';
import type { Prepared } from '../graphql/writing/stage.ts';
import { jsonl } from '../graphql/writing/texts.ts';
import { type Community, datanetName, gather } from './community.ts';
import { freePort } from './freePort.ts';
import { linkOnPage } from './wallet.ts';

/** A community on Discord: the real bot and API, a real chain, and a Discord that enforces its limits. */
let community: Community;
let discord: DiscordEmulator;
let bots: Bots;
const ann = { id: '101', username: 'ann' };
const wallet = privateKeyToAccount(generatePrivateKey());
/** Of the bot's second shard: `guildId >> 22`. */
const server = { guildId: `${1 << 22}`, channelId: '701' };
let port: number;

const startBot = (publicKey?: string): Promise<Bots> =>
  startBots({
    databaseUrl: community.stage.databaseUrl,
    apiUrl: community.stage.api.url,
    pagesUrl: community.stage.api.url,
    key: community.stage.operator.privateKey,
    secret: 'ab'.repeat(32),
    logLevel: 'warn',
    host: '127.0.0.1',
    port,
    telegram: undefined,
    discord: {
      token: discord.token,
      applicationId: discord.applicationId,
      publicKey,
      apiRoot: discord.apiRoot,
      roles: { clientSecret: discord.clientSecret, url: `http://127.0.0.1:${port}` },
    },
  });

beforeAll(async () => {
  [community, discord, port] = await Promise.all([gather(), startDiscord({ shards: 2 }), freePort()]);
  bots = await startBot();
}, 180_000);
afterAll(async () => {
  await bots?.stop();
  await discord?.close();
  await community?.close();
});

type Sent = ReturnType<DiscordEmulator['command']>;
/** Waits for what an interaction is answered with at last. */
const answered = (sent: Sent, words: RegExp): Promise<Shown> =>
  community.until(
    () => (sent.original !== undefined && words.test(sent.original.text) ? sent.original : undefined),
    () => `${words} is not said: ${JSON.stringify([sent.original, sent.modal, discord.refused])}`,
  );
const opened = async (sent: Sent): Promise<Sent> => {
  await community.until(
    () => sent.modal,
    () => `no dialog: ${JSON.stringify(sent)} ${JSON.stringify(discord.refused)}`,
  );
  return sent;
};
const urlOf = ({ buttons }: Shown): string => buttons.find(({ url }) => url !== undefined)!.url!;

it('registers every command, in the languages that there are, and needs no leave to read messages', async () => {
  expect(discord.commands().map(({ name }) => name)).toEqual([...commands.map(({ name }) => name), 'Contribute this']);
  expect(discord.commands().find(({ name }) => name === 'ask')).toMatchObject({
    description_localizations: {
      de: 'ein Modell fragen',
      'es-ES': 'preguntar a un modelo',
      'es-419': 'preguntar a un modelo',
    },
  });
  // As many connections as Discord wants a bot of its size to have.
  expect(discord.identified).toEqual([
    [0, 2],
    [1, 2],
  ]);
  const help = await answered(discord.command(ann, 'help'), /give data to a datanet/);
  expect(help.body.allowed_mentions).toEqual({ parse: [] });
  const german = { id: '102', username: 'max', locale: 'de' };
  await answered(discord.command(german, 'help'), /einem Datanet Daten geben/);
});

it('a wallet is linked only when the person says that it is theirs, and nobody else reads along', async () => {
  await answered(discord.command(ann, 'contribute', { datanet: '1', text: 'x' }, server), /need a wallet/);
  const invitation = await answered(discord.command(ann, 'link', {}, server), /three words/);
  expect(invitation.onlyFor).toBe(ann.id);
  await answered(discord.press(ann, 'I have signed', server), /No wallet has signed yet/);
  const again = await answered(discord.command(ann, 'link', {}, server), /three words/);
  await linkOnPage(urlOf(again), wallet);
  await answered(discord.press(ann, 'I have signed', server), new RegExp(`${wallet.address} signed. Is it yours`, 'i'));
  const done = await answered(discord.press(ann, 'Yes, link it', server), /Linked: I act for/);
  expect(done.onlyFor).toBe(ann.id);
  await community.relayed(wallet.address);
}, 180_000);

it('a question with its answer is given through a dialog, a file there or by an option, a message by pointing at it', async () => {
  await answered(discord.command(ann, 'contribute', { datanet: '1', text: 'x' }), /read what becomes of it/);
  await answered(discord.press(ann, 'Read it'), /published in the datanet/);
  await answered(discord.press(ann, 'I agree'), /It is recorded/);

  await answered(discord.command(ann, 'contribute', { datanet: '1' }), /Contribute to datanet #1/);
  const dialog = await opened(discord.press(ann, 'Question and answer'));
  const given = discord.fill(ann, dialog, {
    question: 'How far do honey bees fly for nectar when flowers are scarce?',
    answer: 'Most stay within two kilometres of the hive, but when flowers are scarce they go up to ten kilometres.',
  });
  await answered(given, /about to be sent|on its way|on chain/);

  // Nobody sends two things at once.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  await answered(discord.command(ann, 'contribute', { datanet: '1' }), /Contribute to datanet #1/);
  const upload = await opened(discord.press(ann, 'A file'));
  const uploaded = discord.fill(ann, upload, { file: Buffer.from(jsonl('tides')) });
  await answered(uploaded, /about to be sent|on its way|on chain/);

  // The same one again is one contribution all the same.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  const file = discord.command(ann, 'contribute', { datanet: '1', file: Buffer.from(jsonl('tides')) });
  await answered(file, /about to be sent|on its way|on chain|taken once/);

  await answered(
    discord.point(ann, { author: { id: '7', username: 'eve' }, content: 'not yours' }),
    /only messages of your own/,
  );
  const pointed = await answered(
    discord.point(ann, {
      author: ann,
      content: 'Drones have no sting; they leave the hive only to mate, and are driven out in autumn.',
    }),
    /Which datanet/,
  );
  expect(pointed.buttons[0]!.label).toBe(`#1 ${datanetName}`);
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  await answered(discord.press(ann, /^#1 /), /about to be sent|on its way|on chain/);
  await community.until(
    async () => ((await community.contributionsOf(wallet.address)) === 3 ? true : undefined),
    () => JSON.stringify(discord.shown.slice(-3)),
  );
  await answered(discord.command(ann, 'contributions'), /#3 Bees & more · being reviewed/);
}, 240_000);

it('names are suggested while they are typed', async () => {
  const typing = discord.type(ann, 'contribute', 'datanet', 'bee');
  await community.until(
    () => typing.choices,
    () => JSON.stringify(discord.refused),
  );
  expect(typing.choices).toEqual([{ name: `#1 ${datanetName}`, value: '1' }]);
});

it('what is for everybody is shown to everybody, what is private to one; figures come as pictures', async () => {
  const list = await answered(discord.command(ann, 'datanets', {}, server), new RegExp(datanetName));
  expect(list.onlyFor).toBeUndefined();
  const rewards = await answered(discord.command(ann, 'rewards', {}, server), /Your rewards/);
  expect(rewards.onlyFor).toBe(ann.id);
  const picture = await answered(
    discord.command(ann, 'metrics', { metric: 'CONTRIBUTIONS_SUBMITTED' }, server),
    /Contributions submitted/,
  );
  expect(picture.files).toEqual([{ name: 'contributions_submitted.png', size: expect.any(Number) }]);
  const member = await answered(discord.command(ann, 'alerts', {}, server), /what you turn on/);
  expect(JSON.stringify(member.buttons)).not.toContain('here');
  const manager = await answered(
    discord.command(ann, 'alerts', {}, { ...server, permissions: '32' }),
    /what you turn on/,
  );
  expect(JSON.stringify(manager.buttons)).toContain('here');
});

it('servers can give roles by what people did: Discord is told of whoever allows it, and again whenever it changes', async () => {
  expect(discord.roles.metadata().map(({ key }) => key)).toEqual(['linked', 'accepted', 'reviewed', 'earned', 'since']);
  const begun = await fetch(`${bots.url}/discord/roles`, { redirect: 'manual' });
  const back = discord.roles.authorize(ann.id, begun.headers.get('location')!);
  const [cookie = ''] = begun.headers.get('set-cookie')!.split(';');
  // Somebody else's browser, led there by a link.
  expect((await fetch(back)).status).toBe(400);
  expect((await fetch(back, { headers: { cookie: 'roles=made-up' } })).status).toBe(400);
  const done = await fetch(back, { headers: { cookie, 'accept-language': 'de-DE,de;q=0.9' } });
  expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('<h1>Fertig</h1>')]);
  expect((await fetch(back, { headers: { cookie } })).status).toBe(400);
  const told = (accepted: number) =>
    community.until(
      () => {
        const connection = discord.roles.connectionOf(ann.id);
        return connection?.metadata?.accepted === accepted ? connection : undefined;
      },
      () => JSON.stringify([discord.roles.connectionOf(ann.id), discord.refused]),
    );
  const nothing = { accepted: 0, reviewed: 0, earned: 0 };
  // Not whose wallet it is: that would stand on their profile.
  expect(await told(0)).toEqual({
    platform_name: 'OpenLedger',
    metadata: { linked: 1, ...nothing },
  });

  // Leave ends before it is said to, and is renewed.
  discord.roles.expire(ann.id);
  const { owner, stage } = community;
  const { p } = await owner.data<{ p: Prepared }>(
    '{ p: prepareDecideContribution(contributionId: 1, accept: true) { to data value summary warning } }',
  );
  await stage.send(owner, p);
  const since = expect.stringMatching(/^20\d\d-.*Z$/);
  expect((await told(1)).metadata).toEqual({ linked: 1, ...nothing, accepted: 1, since });
  expect(discord.refused).toEqual([
    { path: 'POST /v10/oauth2/token', status: 400, why: 'invalid_grant' },
    expect.objectContaining({ path: expect.stringContaining('role-connection'), status: 401 }),
  ]);
}, 180_000);

it('what happens while a connection is broken is heard once it is back', async () => {
  discord.drop();
  const meanwhile = discord.command(ann, 'datanets', {}, server);
  await answered(meanwhile, new RegExp(datanetName));
  expect(discord.resumed()).toBeGreaterThan(0);
  expect(discord.identified).toHaveLength(2);
}, 180_000);

it('an interaction that comes twice is acted on once; forged and altered ones are refused', async () => {
  const once = discord.command(ann, 'votes');
  discord.again(once);
  await answered(once, /Nothing is being voted on/);
  await bots.stop();
  const url = `http://127.0.0.1:${port}/discord`;
  bots = await startBot(discord.publicKey);
  discord.postTo(url);
  await answered(discord.command(ann, 'votes'), /Nothing is being voted on/);
  const german = { id: '102', username: 'max', locale: 'de' };
  await answered(
    discord.point(german, { author: german, content: 'Bienen tanzen.' }, server),
    /Dafür brauchst du eine Wallet/,
  );
  const picture = await answered(discord.command(ann, 'metrics', { metric: 'FEES' }), /Fees paid/);
  expect(picture.files).toHaveLength(1);
  await answered(discord.command(ann, 'contribute', { datanet: '1' }), /Contribute to datanet #1/);
  await opened(discord.press(ann, 'A text'));
  const forged = (headers: Record<string, string>) => fetch(url, { method: 'POST', headers, body: '{"type":1}' });
  const recent = `${Math.floor(Date.now() / 1_000)}`;
  expect((await forged({})).status).toBe(401);
  expect((await forged({ 'x-signature-ed25519': 'ab'.repeat(64), 'x-signature-timestamp': recent })).status).toBe(401);
  expect(discord.refused.slice(2)).toEqual([]);
});

it('who wants to be forgotten is forgotten by Discord too', async () => {
  await answered(discord.command(ann, 'forget'), /The chain keeps/);
  await answered(discord.press(ann, /^Only unlink/), /What you gave stays/);
  await community.until(
    () => (discord.roles.connectionOf(ann.id) === undefined ? true : undefined),
    () => JSON.stringify(discord.refused),
  );
  await community.until(
    async () => ((await community.stage.sql`select 1 from app.chat_role`).length === 0 ? true : undefined),
    () => 'leave is kept',
  );
}, 180_000);

it('first answers come well within the time that Discord gives', () => {
  const times = discord.interactions.flatMap(({ acknowledgedAfter }) => acknowledgedAfter ?? []).sort((a, b) => a - b);
  expect(times.length).toBe(discord.interactions.length);
  expect(times.at(-1)).toBeLessThan(2_500);
});
