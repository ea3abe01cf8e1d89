import { commands } from '@openledger/bots/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from './commands.ts';
import { toDiscord, toTelegram } from './forged.ts';
import { harmIn, markOf } from './harmless.ts';
import { inHaste, quantile } from './haste.ts';
import { attacks } from './inputs.ts';
import { type Cast, type Member, openPlace, type Place } from './place.ts';
import { startSlow } from './slow.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
}, 240_000);
afterAll(() => place?.close(), 60_000);

const patience = 180_000;

describe('every command, on both platforms', () => {
  it('is in the table: what it does, and what each of its guards refuses', () => {
    expect(Object.keys(rows).sort()).toEqual(commands.map(({ name }) => name).sort());
    for (const { name, guards } of commands) {
      const own = rows[name]!;
      expect(own.some(({ isRefusal }) => !isRefusal)).toBe(true);
      expect(own.filter(({ isRefusal }) => isRefusal).length).toBeGreaterThanOrEqual(guards.length);
    }
  });

  for (const [name, own] of Object.entries(rows)) {
    for (const row of own) {
      it(
        `/${name} ${row.isRefusal ? 'refuses: ' : ''}${row.what}`,
        async () => {
          if (row === rows.rewards!.at(-1)) await place.reward(place.casts.map(({ ann }) => ann.wallet.address));
          const asked = place.casts.filter(({ ann }) => row.on === undefined || row.on === ann.platform);
          await Promise.all(asked.map((cast) => row.run(cast, place)));
        },
        patience,
      );
    }
  }

  it('has no button that nobody pressed', () => {
    const all = commands.flatMap(({ name, actions }) =>
      Object.keys(actions ?? {}).map((action) => `${name}|${action}`),
    );
    for (const pressed of Object.values(place.pressed)) {
      expect(all.filter((each) => !pressed.has(each))).toEqual([]);
    }
  });
});

describe('what people, models and files try', () => {
  it('are fifty things and more', () => {
    expect(attacks.length + toDiscord.length + toTelegram.length).toBeGreaterThanOrEqual(50);
  });

  for (const { what, run } of attacks) {
    it(
      `${what}: is answered, and stays words`,
      async () => {
        const mark = markOf(place);
        await Promise.all(place.casts.map((cast) => run(cast, place)));
        expect(harmIn(place, mark)).toEqual([]);
      },
      patience,
    );
  }

  for (const [door, forged] of [
    ['discord', toDiscord],
    ['telegram', toTelegram],
  ] as const) {
    it.each(forged)(
      `what is posted to /${door} $what: is refused, and nobody acts on it`,
      async ({ status, post }) => {
        const mark = markOf(place);
        const response = await fetch(`${place.url()}/${door}`, { method: 'POST', ...post(place) });
        expect(response.status).toBe(status);
        expect(markOf(place)).toEqual(mark);
      },
      patience,
    );
  }

  it(
    'changes nothing for anybody: the bots answer, and whoever linked and agreed still has',
    async () => {
      for (const { ann, eve } of place.casts) {
        await eve.command('help', {}, /OpenLedger/);
        await eve.command('contributions', {}, /need a wallet/);
        await ann.command('contributions', {}, /being reviewed/);
        await ann.command('consent', {}, /Giving data · you agreed/);
      }
      const keys = await place.community.stage.sql`
        select 1 from app.chat_key where platform_user_id = any(${place.casts.map(({ eve }) => eve.id)})`;
      expect(keys).toHaveLength(0);
    },
    patience,
  );
});

describe('haste', () => {
  const wait = /please wait \d+ second/;
  it(
    'of a person, a place, a wallet and towards a datanet is stopped, and each one’s own',
    async () => {
      const hour = 3_600;
      const rates = {
        person: { most: 12, seconds: hour },
        place: { most: 3, seconds: hour },
        wallet: { most: 3, seconds: hour },
        datanet: { most: 1, seconds: hour },
      };
      await place.restart({ rates });
      // A wallet, whichever of its chat accounts acts for it.
      const [{ ann }, { ann: other }] = place.casts as [Cast, Cast];
      const [one, two] = place.casts.map(({ ann: { platform } }) => place.newcomer(platform)) as [Member, Member];
      const same = { ...two, wallet: one.wallet };
      for (const each of [one, same]) await place.link(each, { relayed: false });
      const asking = { model: place.model, question: 'What does a harbour lend?' };
      for (const each of [one, same, one]) {
        await place.rested();
        await each.command('ask', asking, /11 \+ \d tokens/);
      }
      await place.rested();
      for (const each of [one, same]) await each.command('ask', asking, wait);
      // A datanet, whoever gives.
      await place.rested();
      const text = 'Plankton rises at night and sinks by day, the largest journey of animals on Earth.';
      await ann.command('contribute', { datanet: '1', text }, /about to be sent|on its way|on chain/);
      await other.command('contribute', { datanet: '1', text }, /is given to this datanet just now/);
      await place.rested();
      await other.command('contribute', { datanet: place.reviewed, text }, /sent|on its way|on chain|taken once/);
      for (const { platform } of [ann, other]) {
        // A person.
        const hasty = place.newcomer(platform);
        for (let at = 0; at < 12; at++) await hasty.command('help', {}, /OpenLedger/);
        await hasty.command('help', {}, wait);
        // Everybody in a place, and nobody elsewhere.
        const crowd = Array.from({ length: 4 }, () => place.newcomer(platform));
        for (const each of crowd.slice(0, 3)) await each.command('datanets', {}, /Bees/, 'group');
        await crowd[3]!.command('datanets', {}, /Much is asked here just now/, 'group');
        await crowd[3]!.command('datanets', {}, /Bees/);
      }
      expect(place.discord.refused).toEqual([]);
    },
    patience,
  );

  it(
    'is not the API’s matter: it takes two seconds, and 200 on each platform have their first answer within one',
    async () => {
      const slow = await startSlow(place.community.stage.api.url, 2_000);
      try {
        await place.restart({ apiUrl: slow.url });
        const { discord, telegram, stoodStill, roundTrip } = await inHaste(place, { people: 100, every: 30 });
        const p99 = { discord: quantile(discord, 0.99), telegram: quantile(telegram, 0.99) };
        process.stdout.write(
          `${JSON.stringify({ ack_p99_ms: p99, stood_still_ms: Math.round(stoodStill), round_trip_p99_ms: Math.round(roundTrip) })}\n`,
        );
        expect(slow.asked()).toBeGreaterThan(100);
        expect([discord.length, telegram.length]).toEqual([200, 200]);
        // A machine that is busy with other things takes its time for anything: that is not the bots'. An update is posted,
        // kept, and answered.
        const machine = stoodStill + 3 * roundTrip;
        expect(p99.discord - machine).toBeLessThan(1_000);
        expect(p99.telegram - machine).toBeLessThan(1_000);
        expect(place.discord.refused).toEqual([]);
      } finally {
        await place.restart();
        await slow.close();
      }
    },
    patience,
  );
});
