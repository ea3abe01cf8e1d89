import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './place.ts';

export type Haste = {
  /** Milliseconds until Discord had a first answer, or until Telegram showed that somebody is at it; ascending. */
  readonly discord: readonly number[];
  readonly telegram: readonly number[];
  /** For which this process, in which everything runs, stood still at most. */
  readonly stoodStill: number;
  /** What the way to the bots' door and to the database takes by itself meanwhile: 99 of 100 take less. */
  readonly roundTrip: number;
};

/** Of what people send most: commands that ask the API, others, and buttons. */
const asked = [
  'datanets',
  'model',
  'help',
  'link',
  'rewards',
  'votes',
  'consent',
  'contribute',
  'claim',
  'leaderboard',
];
const pressed = [
  'model|show|1',
  'datanets|page|2',
  'consent|show|CONTRIBUTE',
  'why|show|none',
  'alerts|on|rewards|self',
];

/**
 * So many people write on each platform, one soon after the other, and half of them press a button too.
 *
 * @param every milliseconds between two of them
 */
export const inHaste = async (place: Place, { people, every }: { people: number; every: number }): Promise<Haste> => {
  const { discord, telegram, community } = place;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const trips: number[] = [];
  let isOver = false;
  const travelling = (async () => {
    for (; !isOver; await sleep(50)) {
      const from = performance.now();
      await Promise.all([fetch(`${place.url()}/health`), community.stage.sql`select 1`]);
      trips.push(performance.now() - from);
    }
  })();
  const users = Array.from({ length: people }, (_, at) => 5_000 + at);
  const one = <Item>(items: readonly Item[], at: number): Item => items[at % items.length]!;
  const onDiscord: ReturnType<typeof discord.command>[] = [];
  const onTelegram: (() => number | undefined)[] = [];
  const since = <What extends Parameters<typeof telegram.firstActAfter>[0]>(what: What, from: number) => {
    const at = telegram.firstActAfter(what, from);
    return at === undefined ? undefined : at - from;
  };
  const waitFor = (isThere: () => boolean, what: string) =>
    place.until(
      () => isThere() || undefined,
      () => `${what} after a minute.`,
    );

  const person = (id: number) => ({ id, first_name: 'somebody', language_code: 'en' });
  for (const [at, id] of users.entries()) {
    onDiscord.push(discord.command({ id: `${id}`, username: 'somebody' }, one(asked, at)));
    const from = Date.now();
    telegram.say(person(id), `/${one(asked, at)}`);
    onTelegram.push(() => since({ chatId: id }, from));
    await sleep(every);
  }
  const all = () => [...onTelegram.map((took) => took()), ...onDiscord.map((sent) => sent.acknowledgedAfter)];
  await waitFor(() => all().every((took) => took !== undefined), 'Not everybody was answered');
  // Messages have to be there whose buttons can be pressed.
  const shownTo = (id: number) => telegram.shown.some(({ chatId }) => chatId === id);
  await waitFor(
    () => users.every(shownTo) && onDiscord.every(({ original }) => (original?.text ?? '') !== ''),
    'Not everybody has a message',
  );
  for (const [at, id] of users.entries()) {
    const says = one(pressed, at);
    const message = onDiscord[at]!.original;
    onDiscord.push(
      discord.interact({ id: `${id}`, username: 'somebody' }, 3, { custom_id: says, component_type: 2 }, {}, message),
    );
    const from = Date.now();
    const callbackId = telegram.pressMadeUp(person(id), says);
    onTelegram.push(() => since({ callbackId }, from));
    await sleep(every);
  }
  await waitFor(() => all().every((took) => took !== undefined), 'Not every button was answered');
  isOver = true;
  await travelling;
  delay.disable();
  const ascending = (times: readonly (number | undefined)[]) => times.map((time) => time!).sort((a, b) => a - b);
  return {
    discord: ascending(onDiscord.map(({ acknowledgedAfter }) => acknowledgedAfter)),
    telegram: ascending(onTelegram.map((took) => took())),
    stoodStill: delay.max / 1e6,
    roundTrip: quantile(ascending(trips), 0.99),
  };
};

/** What so much of them is not longer than: nearest rank. */
export const quantile = (ascending: readonly number[], part: number): number =>
  ascending[Math.max(0, Math.ceil(part * ascending.length) - 1)]!;
