import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bots, startBots } from '@openledger/bots';
import { commands } from '@openledger/bots/core';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DiscordEmulator, type Shown, startDiscord } from '../emulators/discord/discord.ts';
import { jsonl } from '../graphql/writing/texts.ts';
import { type Community, datanetName, gather } from './community.ts';
import { linkOnPage } from './wallet.ts';

/** A community on Discord: the real bot and API, a real chain, and a Discord that enforces its limits. */
let community: Community;
let discord: DiscordEmulator;
let bots: Bots;
const ann = { id: '101', username: 'ann' };
const wallet = privateKeyToAccount(generatePrivateKey());
const server = { guildId: '700', channelId: '701' };

const startBot = (more: { publicKey?: string; port?: number } = {}): Promise<Bots> =>
  startBots({
    databaseUrl: community.stage.databaseUrl,
    apiUrl: community.stage.api.url,
    pagesUrl: community.stage.api.url,
    key: community.stage.operator.privateKey,
    secret: 'ab'.repeat(32),
    logLevel: 'warn',
    host: '127.0.0.1',
    port: more.port ?? 0,
    telegram: undefined,
    discord: {
      token: discord.token,
      applicationId: discord.applicationId,
      publicKey: more.publicKey,
      apiRoot: discord.apiRoot,
    },
  });

beforeAll(async () => {
  [community, discord] = await Promise.all([gather(), startDiscord()]);
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
  expect(discord.identified).toEqual([[0, 1]]);
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

it('an interaction that comes twice is acted on once; forged and altered ones are refused', async () => {
  const once = discord.command(ann, 'votes');
  discord.again(once);
  await answered(once, /Nothing is being voted on/);
  await bots.stop();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/discord`;
  bots = await startBot({ publicKey: discord.publicKey, port });
  discord.postTo(url);
  await answered(discord.command(ann, 'votes'), /Nothing is being voted on/);
  const forged = (headers: Record<string, string>) => fetch(url, { method: 'POST', headers, body: '{"type":1}' });
  const recent = `${Math.floor(Date.now() / 1_000)}`;
  expect((await forged({})).status).toBe(401);
  expect((await forged({ 'x-signature-ed25519': 'ab'.repeat(64), 'x-signature-timestamp': recent })).status).toBe(401);
  expect(discord.refused).toEqual([]);
});

it('first answers come well within the time that Discord gives', () => {
  const times = discord.interactions.flatMap(({ acknowledgedAfter }) => acknowledgedAfter ?? []).sort((a, b) => a - b);
  expect(times.length).toBe(discord.interactions.length);
  expect(times.at(-1)).toBeLessThan(2_500);
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
