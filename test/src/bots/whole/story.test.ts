import { setTimeout as sleep } from 'node:timers/promises';
import { localVisitor } from '@openledger/stack';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Member } from './member.ts';
import { onDiscord } from './onDiscord.ts';
import { onTelegram } from './onTelegram.ts';
import { onTerminal } from './onTerminal.ts';
import { raise, short, type Whole } from './stage.ts';
import { aboutBees, aboutBread, aboutTides, fileOf, type Gift } from './texts.ts';

/**
 * A day of two members, one on Telegram and one on Discord, with the whole product: they give data, judge each other's, ask the
 * model that learned from it, see what they gave behind the answer, are told what it earned, and claim it.
 */
let whole: Whole;
let ann: Member;
let ben: Member;
let model: bigint;
const gifts = new Map<Member, Gift>();
/** For whoever looks on: `STORY=1`. */
const tell = (words: string) => (process.env.STORY ? process.stdout.write(`${words}\n`) : true);
/** Milliseconds: far more than anything takes, also where others keep the machine busy. */
const patience = 400_000;
/** Milliseconds between two things that somebody gives, scores or asks. */
const cooldown = 3_100;
const each = (act: (member: Member) => Promise<unknown>) => Promise.all([ann, ben].map(act));

beforeAll(async () => {
  whole = await raise(tell);
  const { until } = whole;
  const wallet = () => privateKeyToAccount(generatePrivateKey());
  const user = { id: 101, first_name: 'Ann', language_code: 'en' };
  ann = onTelegram(whole.telegram, { user, wallet: wallet(), until });
  ben = onDiscord(whole.discord, { user: { id: '102', username: 'ben' }, wallet: wallet(), until });
  gifts.set(ann, aboutBees).set(ben, aboutTides);
  for (const { wallet: own } of [ann, ben]) {
    await whole.fund(own.address);
    await whole.appoint(own.address);
  }
}, patience);
afterAll(() => whole?.close(), patience);

it(
  'both link their wallets and say what they agree to and want to be told',
  () =>
    each(async ({ wallet, command, press }) => {
      const { urls } = await command('link', {}, /three words/);
      await whole.pages.finish(urls[0]!, wallet);
      await press('I have signed', new RegExp(`${wallet.address} signed. Is it yours`, 'i'));
      await press('Yes, link it', /Linked: I act for/);
      await command('consent', {}, /you have not agreed/);
      await press('Read: Giving data', /published in the datanet/);
      await press('I agree', /It is recorded/);
      await command('consent', {}, /you agreed/);
      await press('Read: Being written to', /write to me about what I turn on/);
      await press('I agree', /It is recorded/);
      await command('alerts', {}, /only about what you turn on/);
      await press('Rewards: on', /Rewards · on/);
      await press('Contributions judged: on', /Contributions judged · on/);
    }),
  patience,
);

const given = /about to be sent|on its way|on chain/;
const countOf = async (address: string): Promise<number> => {
  const account = address.toLowerCase();
  return (await whole.sql`select 1 from chain.contribution where contributor = ${account}`).length;
};

const acceptedOf = async ({ wallet }: Member): Promise<number> => {
  const account = wallet.address.toLowerCase();
  const rows = whole.sql`select 1 from chain.contribution where contributor = ${account} and status = 'accepted'`;
  return (await rows).length;
};

it(
  'both give a text and a file, which reach the chain in their names',
  async () => {
    await each(({ wallet }) => whole.relayed(wallet.address));
    const isOnChain = (member: Member, count: number) =>
      whole.until(
        async () => ((await countOf(member.wallet.address)) === count ? true : undefined),
        () => `What ${member.name} gave is not on chain.`,
      );
    const datanet = `${whole.datanetId}`;
    // One after another: the same contributions in the same order make the same model.
    for (const member of [ann, ben]) {
      await member.command('contribute', { datanet }, /Send a text, a question with its answer, or a file/);
      const answers = [{ field: 'text', asked: /Your text/, value: gifts.get(member)!.paragraphs }];
      await member.fill('A text', answers, given);
      await isOnChain(member, 1);
    }
    // Nobody sends two things at once.
    await sleep(cooldown);
    for (const member of [ann, ben]) {
      await member.give('contribute', { datanet }, fileOf(gifts.get(member)!), given);
      await isOnChain(member, 2);
    }
    await each(({ command }) => command('contributions', {}, /being reviewed[\s\S]*being reviewed/));
  },
  patience,
);

it(
  'each judges blind what the other gave; once all is revealed it is accepted, and both are told',
  async () => {
    await each(async (member) => {
      const other = gifts.get(member === ann ? ben : ann)!;
      await member.command('review', {}, new RegExp(other.paragraphs.slice(0, 40)));
      const answers = [
        { field: 'score', asked: /Score, 0 to 100/, value: '90' },
        { field: 'notes', asked: /Why\?/, value: 'True, clear, and new here.' },
      ];
      await member.fill('Score it', answers, /stays secret until/);
      await sleep(cooldown);
      await member.press('Another one', new RegExp(other.pairs[0]!.question.slice(0, 20)));
      await member.fill('Score it', answers, /stays secret until/);
      await member.press('Another one', /nothing for you to review/);
    });
    await whole.until(
      async () => ((await acceptedOf(ann)) + (await acceptedOf(ben)) === 4 ? true : undefined),
      () => 'What both judged well is not accepted.',
    );
    await each(async (member) => {
      await member.told(/Your contribution #\d+: accepted/);
      await member.command('contributions', {}, /accepted[\s\S]*accepted/);
    });
  },
  patience,
);

it(
  'a model learns from it; asked, it shows what they gave behind its answer, and what that gets of the fee',
  async () => {
    model = await whole.train();
    await each(async (member) => {
      const { question } = gifts.get(member)!.pairs[0]!;
      const asking = { model: `${model}`, question };
      const { urls } = await member.command('ask', asking, /This model costs OPEN/);
      await whole.pages.finish(urls.find((url) => url.includes('/pay'))!, member.wallet);
      await sleep(cooldown);
      await member.command('ask', asking, /OPEN, \d+ \+ \d+ tokens/);
    });
    const looked = new Map<Member, boolean>();
    await each(async (member) => {
      const said = await member.press('What is this from?', /being worked out|What this answer drew on/);
      looked.set(member, !/being worked out/.test(said.text));
    });
    await whole.until(
      async () => ((await whole.sql`select 1 from app.receipt`).length === 2 ? true : undefined),
      () => 'The answers have no receipts.',
    );
    await each(async (member) => {
      const drewOn = /What this answer drew on[\s\S]* · yours · [\d.,]+\s?% of what goes to contributors/;
      const { text } = await member.press(looked.get(member) ? 'What is this from?' : 'Look again', drewOn);
      tell(text);
    });
  },
  patience,
);

it(
  'what it earned is told, counted, and claimed on a page',
  async () => {
    await whole.pass(short + 1n);
    await each(({ told }) => told(/Your data earned [\d.]+ OPEN/));
    await each(({ command }) => command('claim', {}, /nothing to claim now/));
    await whole.endEpoch();
    await each(async ({ wallet, command }) => {
      await command('rewards', {}, /To claim now/);
      const { urls } = await command('claim', {}, /wait for you/);
      const owned = () => whole.session.view('Open', 'balanceOf', [wallet.address]);
      const before = await owned();
      await whole.pages.finish(urls[0]!, wallet);
      const paid = await whole.session.view('RewardDistributor', 'claimed', [wallet.address]);
      expect(paid).toBeGreaterThan(0n);
      expect(await owned()).toBe(before + paid);
      await whole.pass(1n);
      await command('claim', {}, /nothing to claim now/);
    });
  },
  patience,
);

it(
  'whoever has no token does the same in a terminal',
  async () => {
    const { command, press, fill, leave } = onTerminal(whole);
    await command('link', {}, /three words/);
    await press('Open the page', /of this machine has signed/);
    await press('I have signed', /Is it yours/);
    await press('Yes, link it', /Linked: I act for/);
    await command('consent', {}, /you have not agreed/);
    await press('Read: Giving data', /published in the datanet/);
    await press('I agree', /It is recorded/);
    const { address } = localVisitor;
    await whole.relayed(address);
    await command(
      'contribute',
      { datanet: `${whole.datanetId}` },
      /Send a text, a question with its answer, or a file/,
    );
    await fill('A text', [{ field: 'text', asked: /Your text/, value: aboutBread }], given);
    await whole.until(
      async () => ((await countOf(address)) === 1 ? true : undefined),
      () => 'What was given in the terminal is not on chain.',
    );
    await command('contributions', {}, /being reviewed/);
    await command('model', { model: `${model}` }, /Round Trip/);
    await command('rewards', {}, /Your rewards/);
    expect(await leave()).toBe(0);
  },
  patience,
);

it('neither platform had anything to refuse', () => {
  expect(whole.telegram.refused.filter(({ code }) => code !== 429)).toEqual([]);
  expect(whole.discord.refused).toEqual([]);
});
