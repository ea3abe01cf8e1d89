import { textsFor } from '@openledger/bots/core';
import { jsonl } from '../../graphql/writing/texts.ts';
import { linkOnPage } from '../wallet.ts';
import type { Cast, Member, Place } from './place.ts';
import type { Seat } from './seat.ts';

/** One thing that a command does, or one reason for which it does not. */
export type Row = {
  readonly what: string;
  readonly isRefusal: boolean;
  /** Where only one platform can be asked so. */
  readonly on?: Seat['platform'];
  readonly run: (cast: Cast, place: Place) => Promise<unknown>;
};

const en = textsFor('en');
const words = en.commands;
const happy = (what: string, run: Row['run'], on?: Seat['platform']): Row => ({
  ...{ what, run, isRefusal: false },
  ...(on && { on }),
});
const refused = (what: string, run: Row['run']): Row => ({ what, run, isRefusal: true });
/** Somebody who linked no wallet. */
const unlinked = (name: string, fields: Readonly<Record<string, string>> = {}): Row =>
  refused('without a wallet', ({ eve }) => eve.command(name, fields, saying(en.guards.linked)));
const saying = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');

const given = /about to be sent|on its way|on chain/;
const theText = (member: Member) =>
  member.platform === 'discord'
    ? 'Neap tides come at half moon, when the pulls of Moon and Sun stand at a right angle and partly cancel out.'
    : 'A tidal bore is a wave that runs up a river with the rising tide, where the estuary narrows and grows shallow.';
const thePair = ({ platform }: Member) =>
  platform === 'discord'
    ? ['What is slack water?', 'The short while around high and low water in which the stream hardly moves at all.']
    : ['What is an amphidrome?', 'A point of the sea around which the tide turns and where the water hardly rises.'];
const pairFields = ([question, answer]: readonly string[]) => [
  { field: 'question', asked: saying(words.contribute.question), value: question! },
  { field: 'answer', asked: saying(words.contribute.answer), value: answer! },
];
const scored = (score: string) => [
  { field: 'score', asked: saying(words.review.score), value: score },
  { field: 'notes', asked: saying(words.review.notes), value: 'True, clear, and new here.' },
];
const nonsense = /nonsense|no number|not a|invalid|must be|BigInt|expected|whole number/i;

/** Every command, in the order in which people come to need them: what it does, and what it refuses. */
export const rows: Readonly<Record<string, readonly Row[]>> = {
  help: [happy('says what there is', ({ eve }) => eve.command('help', {}, saying(words.help.intro)))],
  datanets: [
    happy('lists them', ({ eve }) => eve.command('datanets', {}, /#1 Bees & more/)),
    happy('lists the next ones', ({ eve }) => eve.madeUp('datanets|page|2', /#1 Bees & more/)),
    refused('a page that there is not', ({ eve }) => eve.madeUp('datanets|page|none', nonsense)),
    refused('an action that there is not', ({ eve }) => eve.madeUp('datanets|all', saying(en.shared.unknownButton))),
  ],
  link: [
    refused('before a wallet has signed', async ({ eve }) => {
      await eve.command('link', {}, /three words/);
      await eve.press(words.link.check, saying(words.link.waiting));
    }),
    happy('links a wallet, and says so when it is not theirs', async ({ eve }, place) => {
      const lee = place.newcomer(eve.platform, 'lee');
      await place.link(lee, { relayed: false });
      const { urls } = await lee.command('link', {}, /three words/);
      await linkOnPage(urls.find((url) => url.includes('/link'))!, place.newcomer('discord').wallet, {
        relayed: false,
      });
      await lee.press(words.link.check, /Is it yours/);
      await lee.press(words.link.no, saying(words.link.refused));
      await lee.command('unlink', {}, saying(words.unlink.done));
    }),
    refused('a link that there is not', ({ eve }) => eve.madeUp('link|confirm|nothing', /no such|unknown|over|not/i)),
  ],
  consent: [
    happy('shows it, takes it, and takes it back', async ({ bob }, { agree }) => {
      await agree(bob, 'Giving data');
      await bob.command('consent', {}, saying(words.consent.given));
      await bob.press('Take back: Giving data', saying(words.consent.revoked));
    }),
    refused('of who disagrees', async ({ bob }) => {
      await bob.command('consent', {}, saying(words.consent.title));
      await bob.press('Read: Giving data', /published in the datanet/);
      await bob.press(words.consent.disagree, saying(words.consent.refused));
    }),
    refused('a purpose that there is not', ({ bob }) =>
      bob.madeUp('consent|show|EVERYTHING', saying(en.shared.unknownButton)),
    ),
  ],
  contribute: [
    unlinked('contribute', { datanet: '1', text: 'x' }),
    refused('before one has agreed', ({ bob }) =>
      bob.command('contribute', { datanet: '1', text: 'x' }, saying(en.guards.consented)),
    ),
    refused('no datanet', ({ ann }) => ann.command('contribute', {}, saying(words.contribute.which))),
    happy('a text', async ({ ann }, { rested, reviewed }) => {
      await rested();
      await ann.command('contribute', { datanet: reviewed }, saying(words.contribute.how));
      const answer = { field: 'text', asked: saying(words.contribute.text), value: theText(ann) };
      await ann.fill({ press: words.contribute.asText }, [answer], given);
      await ann.press(words.contribute.look, given);
    }),
    refused('the next one at once', async ({ ann }, { hasJust }) => {
      await hasJust(ann, 'contribute');
      await ann.command('contribute', { datanet: '1', text: 'One thing after another.' }, /please wait \d+ second/);
    }),
    happy('a question with its answer', async ({ ann }, { rested }) => {
      await rested();
      await ann.command('contribute', { datanet: '1' }, saying(words.contribute.how));
      await ann.fill({ press: words.contribute.asPair }, pairFields(thePair(ann)), given);
    }),
    happy('a file', async ({ ann }, { rested }) => {
      await rested();
      const body = Buffer.from(jsonl(ann.platform === 'discord' ? 'bread' : 'glass'));
      await ann.give({ datanet: '1' }, { name: 'given.jsonl', type: 'application/jsonl', body }, given);
    }),
    happy('a file that is asked for', async ({ ann }, { rested }) => {
      await rested();
      await ann.command('contribute', { datanet: '1' }, saying(words.contribute.how));
      const body = Buffer.from(jsonl(ann.platform === 'discord' ? 'bees' : 'tides'));
      const answer = { field: 'file', asked: saying(words.contribute.file), value: body };
      await ann.fill({ press: words.contribute.asFile }, [answer], given);
    }),
    happy(
      'a message that one points at',
      async ({ ann }, { discord, rested, until }) => {
        await rested();
        const content = 'Drones have no sting; they leave the hive only to mate, and are driven out in autumn.';
        const author = { id: ann.id, username: ann.name };
        const sent = discord.point(author, { author, content });
        await until(
          () => sent.original,
          () => 'Nothing is said of a message that somebody points at.',
        );
        await ann.press(/^#1 /, given);
      },
      'discord',
    ),
    happy('where a message is to go', async ({ eve, ann }) => {
      await eve.madeUp('contribute|choose', saying(en.guards.linked));
      await ann.madeUp('contribute|choose', saying(words.contribute.whereTo));
      await ann.madeUp('contribute|from|1', saying(words.contribute.how));
    }),
    refused('the same again', async ({ ann }, { rested, reviewed }) => {
      await rested();
      const fields = { datanet: reviewed, text: theText(ann) };
      await ann.command('contribute', fields, /sent this before|taken once|repeat/i);
    }),
    refused('a datanet that there is not', async ({ ann }, { rested }) => {
      await rested();
      await ann.command('contribute', { datanet: '999', text: 'Where does this go?' }, /datanet/i);
    }),
    refused('where no relayer may send it', async ({ bob }, { agree, rested }) => {
      await agree(bob, 'Giving data');
      await rested();
      await bob.command('contribute', { datanet: '1', text: theText(bob) }, saying(en.guards.relayer));
    }),
    refused('more than a message holds', async ({ ann }) => {
      await ann.command('contribute', { datanet: '1', text: 'long '.repeat(801) }, /4000 characters are the most/);
    }),
    refused('the state of what there is not', ({ ann }) =>
      ann.madeUp('contribute|status|nothing', /expected a submission/),
    ),
  ],
  contributions: [
    unlinked('contributions'),
    refused('of who gave nothing', ({ bob }) => bob.command('contributions', {}, saying(words.contributions.none))),
    happy('lists them', async ({ ann }, { community }) => {
      await community.until(
        async () => ((await community.contributionsOf(ann.wallet.address)) >= 3 ? true : undefined),
        () => `What ${ann.name} gave is not on chain.`,
      );
      await ann.command('contributions', {}, /#\d+ (Bees & more|Tides) · being reviewed/);
      await ann.madeUp('contributions|page|1', saying(words.contributions.none));
    }),
  ],
  model: [
    happy('lists them', ({ eve }) => eve.command('model', {}, /#1 Helper · free/)),
    happy('lists the next ones', ({ eve }) => eve.madeUp('model|page|2', /#1 Helper/)),
    happy('shows one', async ({ eve }) => {
      await eve.command('model', {}, /#1 Helper/);
      await eve.press('Helper', /Answers given/);
      await eve.command('model', { model: '1' }, /Answers given/);
    }),
    refused('one that there is not', ({ eve }) => eve.command('model', { model: '999' }, /no model #999/)),
  ],
  ask: [
    unlinked('ask', { model: '1', question: 'Why?' }),
    happy('answers', async ({ ann }, { worker, rested, model }) => {
      await rested();
      worker.manner = 'right';
      await ann.command('ask', { model, question: 'What does a harbour lend?' }, /11 \+ 5 tokens/);
    }),
    refused('the next one at once', async ({ ann }, { hasJust, model }) => {
      await hasJust(ann, 'ask');
      await ann.command('ask', { model, question: 'And then?' }, /please wait \d+ second/);
    }),
    happy('asks for the question', async ({ ann }, { rested, model }) => {
      await rested();
      await ann.command('model', { model }, /Answers given/);
      const answer = { field: 'question', asked: saying(words.ask.question), value: 'What does a harbour lend?' };
      await ann.fill({ press: words.model.ask }, [answer], /11 \+ 5 tokens/);
    }),
    refused('one that is not paid for', async ({ ann }, { worker, rested, model }) => {
      await rested();
      worker.manner = 'unpaid';
      await ann.command('ask', { model, question: 'For nothing?' }, saying(words.ask.pay));
    }),
    refused('what the model cannot take', async ({ ann }, { worker, rested, model }) => {
      await rested();
      worker.manner = 'refusing';
      await ann.command('ask', { model, question: 'Too much?' }, /9000 tokens; 512 fit/);
    }),
    refused('while nobody serves it', async ({ ann }, { worker, rested, model }) => {
      await rested();
      worker.manner = 'draining';
      await ann.command('ask', { model, question: 'Anybody?' }, /ask again in a moment/);
      worker.manner = 'right';
    }),
    refused('a model that there is not', async ({ ann }, { rested }) => {
      await rested();
      await ann.command('ask', { model: '999', question: 'Who?' }, /999/);
    }),
  ],
  why: [
    unlinked('why'),
    happy('says how', ({ ann }) => ann.command('why', {}, saying(words.why.how))),
    happy('what it is from', async ({ ann }, { rested, model }) => {
      await rested();
      await ann.command('ask', { model, question: 'What is this from?' }, /11 \+ 5 tokens/);
      await ann.press(words.ask.why, saying(words.why.waits));
      await ann.press(words.why.again, saying(words.why.waits));
    }),
    refused('an answer that there is not', ({ ann }) => ann.madeUp('why|show|none', /Bytes32|hex|hash|invalid/i)),
  ],
  rewards: [
    unlinked('rewards'),
    refused('of who earned nothing', ({ bob }) => bob.command('rewards', {}, saying(words.rewards.none))),
    happy('counts them, and leads to the claim', async ({ ann }) => {
      await ann.command('rewards', {}, /Earned: 1\.5 OPEN[\s\S]*To claim now: 1\.5 OPEN/);
      await ann.press('Claim 1.5 OPEN', /1\.5 OPEN wait for you/);
    }),
  ],
  claim: [
    unlinked('claim'),
    refused('of who can claim nothing', ({ bob }) => bob.command('claim', {}, saying(words.claim.nothing))),
    happy('leads to the page', async ({ ann }) => {
      const { urls } = await ann.command('claim', {}, /1\.5 OPEN wait for you/);
      if (!urls.some((url) => url.includes(`/claim?account=${ann.wallet.address.toLowerCase()}`))) {
        throw new Error(`No way to the claim: ${urls}`);
      }
    }),
  ],
  leaderboard: [
    happy('of all', ({ eve }) => eve.command('leaderboard', {}, /1\. 0x[\s\S]*1\.5 OPEN/)),
    happy('of a datanet', ({ eve }) => eve.command('leaderboard', { datanet: '1' }, /earned most in Bees & more/)),
    refused('of one that there is not', ({ eve }) => eve.command('leaderboard', { datanet: '999' }, /no datanet #999/)),
  ],
  metrics: [
    happy('as a picture', async ({ eve }) => {
      const { files } = await eve.command('metrics', { metric: 'CONTRIBUTIONS_SUBMITTED' }, /Contributions submitted/);
      if (files[0] !== 'contributions_submitted.png') throw new Error(`No picture: ${files}`);
    }),
    refused('one that there is not', ({ eve }) =>
      eve.command('metrics', { metric: 'EVERYTHING' }, /one of these: CONTRIBUTIONS_SUBMITTED/),
    ),
  ],
  review: [
    unlinked('review'),
    refused('of who has nothing to review', ({ bob }) => bob.command('review', {}, saying(words.review.none))),
    refused('no score', async ({ ann }, { rested }) => {
      await rested();
      await ann.command('review', {}, /Tides/);
      await ann.fill({ press: words.review.judge }, scored('101'), saying(words.review.badScore));
    }),
    happy('scores what somebody gave', async ({ ann }, { rested }) => {
      await rested();
      await ann.command('review', {}, /Tides/);
      await ann.fill({ press: words.review.judge }, scored('90'), /stays secret until/);
      await ann.press(words.review.another, saying(words.review.none));
    }),
  ],
  votes: [
    happy('lists them', ({ eve }) => eve.command('votes', {}, /Vote @here/)),
    refused('to remind who has not agreed to be written to', async ({ eve }) => {
      await eve.press(words.votes.remind, saying(words.alerts.needsConsent));
    }),
  ],
  alerts: [
    happy('turns them on and off', async ({ ann }, { agree }) => {
      await agree(ann, 'Being written to');
      await ann.command('alerts', {}, saying(words.alerts.intro));
      await ann.press('Rewards: on', /Rewards · on/);
      await ann.press('Rewards: off', /Rewards · off/);
    }),
    refused('about rewards, without a wallet', async ({ eve }) => {
      await eve.command('alerts', {}, saying(words.alerts.intro));
      await eve.press('Rewards: on', saying(en.guards.linked));
    }),
    refused('before one has agreed', async ({ bob }) => {
      await bob.command('alerts', {}, saying(words.alerts.intro));
      await bob.press('Rewards: on', saying(words.alerts.needsConsent));
    }),
    happy('for everybody, by who manages the place', async ({ ann }) => {
      // A group has a message of the bot's to press a button of.
      await ann.command('datanets', {}, /Bees & more/, 'managed');
      await ann.madeUp('alerts|on|governance|place', /Votes · .* · on for everybody here/, 'managed');
      await ann.madeUp('alerts|off|governance|place', /Votes · .* · off here/, 'managed');
    }),
    refused('for everybody, by who does not', async ({ ann }) => {
      await ann.command('datanets', {}, /Bees & more/, 'group');
      await ann.madeUp('alerts|on|governance|place', saying(en.guards.permission), 'group');
    }),
    refused('about what there is not', ({ ann }) =>
      ann.madeUp('alerts|on|everything|self', saying(en.shared.unknownButton)),
    ),
  ],
  privacy: [happy('says what is kept', ({ eve }) => eve.command('privacy', {}, saying(words.privacy.intro)))],
  export: [
    happy('gives all of it', async ({ ann }) => {
      const { files } = await ann.command('export', {}, saying(words.export.here));
      if (files[0] !== 'openledger.json') throw new Error(`No file: ${files}`);
    }),
  ],
  forget: [
    happy('the link alone, and everything', async ({ bob }) => {
      await bob.command('forget', {}, saying(words.forget.title));
      await bob.press(words.forget.linkOnly, saying(words.forget.unlinked));
      await bob.command('contributions', {}, saying(en.guards.linked));
      await bob.command('forget', {}, saying(words.forget.title));
      await bob.press(words.forget.all, /everything else deleted/);
    }),
  ],
  unlink: [
    happy('ends the link', async ({ bob }, { link }) => {
      await link(bob, { relayed: false });
      await bob.command('unlink', {}, saying(words.unlink.done));
    }),
    refused('of who has none', ({ eve }) => eve.command('unlink', {}, saying(words.unlink.none))),
  ],
};
