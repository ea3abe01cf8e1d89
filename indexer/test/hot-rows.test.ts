import type { Context } from 'ponder:registry';
import { bigint, hex, index, int8, integer, jsonb, onchainTable, primaryKey, text } from 'ponder';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { withHotRows } from '../src/hot-rows.ts';
import { createDatabase } from './servers.ts';

// What the short memory leaves out would be missing from somebody's balance. So Ponder's own store, unchanged, and the one
// with the memory are given the same random writes, and must answer and end alike.

const holder = onchainTable(
  'holder',
  {
    address: hex().primaryKey(),
    balance: bigint().notNull(),
    seen: int8({ mode: 'bigint' }).notNull(),
    events: integer().notNull().default(0),
    delegate: hex(),
    note: text(),
    data: jsonb(),
  },
  (t) => ({ seenIndex: index('holder_seen_idx').on(t.seen, t.address) }),
);
const day = onchainTable(
  'holder_day',
  { holder: hex().notNull(), day: int8({ mode: 'bigint' }).notNull(), events: integer().notNull().default(0) },
  (t) => ({
    pk: primaryKey({ columns: [t.holder, t.day] }),
    dayIndex: index('holder_day_day_idx').on(t.day, t.holder),
  }),
);
const schema = { holder, day };
const ddl = `
  create table holder (address text primary key, balance numeric(78), seen bigint, events int not null default 0,
    delegate text, note text, data jsonb);
  create table holder_day (holder text, day bigint, events int not null default 0, primary key (holder, day));`;

type Db = Pick<Context['db'], 'find' | 'insert' | 'update' | 'delete' | 'sql'>;
/** One step of the play, the same for both stores; what it returns is compared. */
type Step = (db: Db) => Promise<unknown>;

const ponder = (file: string) => import(new URL(file, import.meta.resolve('ponder')).href);

/** Ponder's database and store, as its own runtime puts them together. */
const openStore = async (databaseUrl: string, wrap: (db: Context['db']) => Context['db']) => {
  const [{ createDatabase: openPonder }, { createIndexingCache }, { createIndexingStore }, { MetricsService }] =
    await Promise.all([
      ponder('./database/index.js'),
      ponder('./indexing-store/cache.js'),
      ponder('./indexing-store/index.js'),
      ponder('./internal/metrics.js'),
    ]);
  const silent: Record<string, unknown> = {};
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) silent[level] = () => {};
  silent.child = () => silent;
  const closing: (() => Promise<void>)[] = [];
  const common = {
    logger: silent,
    metrics: new MetricsService(),
    options: { command: 'test', indexingCacheMaxBytes: 1e9, databaseHeartbeatInterval: 1e9 },
    shutdown: { isKilled: false, add: (close: () => Promise<void>) => closing.push(close) },
  };
  const schemaBuild = { schema };
  const database = openPonder({
    common,
    namespace: { schema: 'public' },
    preBuild: { databaseConfig: { kind: 'postgres', poolConfig: { connectionString: databaseUrl, max: 8 } } },
    schemaBuild,
  });
  const cache = createIndexingCache({ common, schemaBuild, crashRecoveryCheckpoint: undefined, eventCount: {} });
  const indexingErrorHandler = {
    getRetryableError: () => undefined,
    setRetryableError: () => {},
    clearRetryableError: () => {},
  };
  const store = createIndexingStore({ common, schemaBuild, indexingCache: cache, indexingErrorHandler });
  const db = wrap(store.db);
  return {
    /** Runs a batch of events in one transaction, as the runtime does; one that fails is rolled back and run again. */
    batch: async (steps: readonly Step[], { failsAt, isLive }: { failsAt: number; isLive: boolean }) => {
      let attempts = 0;
      let answers: unknown[] = [];
      cache.qb = database.userQB;
      await cache.prefetch({ events: [] });
      await database.userQB.transaction(async (tx: unknown) => {
        store.qb = tx;
        cache.qb = tx;
        answers = [];
        attempts += 1;
        try {
          for (const [i, step] of steps.entries()) {
            if (i === failsAt && attempts === 1) throw new Error('This event fails the first time');
            answers.push(await step(db));
          }
          if (!isLive) await new Promise(setImmediate);
          await cache.flush();
        } catch (error) {
          cache.invalidate();
          cache.clear();
          throw error;
        }
      });
      return answers;
    },
    close: () => Promise.all(closing.map((close) => close())),
  };
};

/** The same numbers for the same seed (mulberry32). */
const dice = (seed: number) => {
  let state = seed;
  return (sides: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
};

/** Handlers lower the case of an address; one that does not names the same row all the same. */
const addresses = Array.from({ length: 6 }, (_, i) => `0x${String(i).repeat(38)}${i === 5 ? 'aB' : 'ab'}` as const);

/** A plain copy of a row, or why there is none. */
const answer = async (row: PromiseLike<object | boolean | null>): Promise<unknown> => {
  try {
    const given = await row;
    return typeof given === 'object' && given !== null ? Object.fromEntries(Object.entries(given)) : given;
  } catch (error) {
    return (error as Error).message;
  }
};

const randomStep = (roll: (sides: number) => number): Step => {
  const address = addresses[roll(addresses.length)] as (typeof addresses)[number];
  const [amount, when] = [BigInt(roll(1_000_000)), BigInt(roll(3))];
  const note = [undefined, null, 'plain', 'tab\tand \\ and "quote"'][roll(4)];
  const delegate = roll(3) === 0 ? null : (`0x${'D'.repeat(39)}${roll(9)}` as const);
  const start = { address, balance: amount, seen: when, data: { list: [roll(9)] } };
  const count = (db: Db) =>
    db
      .insert(day)
      .values({ holder: address, day: when, events: 1 })
      .onConflictDoUpdate((row) => ({ events: row.events + 1 }));
  const add = (row: { balance: bigint; events: number }) => ({ balance: row.balance + amount, events: row.events + 1 });
  const steps: readonly Step[] = [
    (db) => answer(db.insert(holder).values(start).onConflictDoUpdate(add)),
    (db) => answer(db.insert(holder).values(start).onConflictDoUpdate({ seen: when, note })),
    (db) => answer(db.insert(holder).values(start).onConflictDoNothing()),
    (db) => answer(db.update(holder, { address }).set(add)),
    (db) => answer(db.update(holder, { address }).set({ delegate, note })),
    (db) => answer(db.update(holder, { address }).set({ data: { by: [address, { deep: note }] } })),
    (db) => answer(db.find(holder, { address })),
    (db) => answer(count(db)),
    (db) => answer(count(db)),
    (db) => answer(db.find(day, { holder: address, day: when })),
    (db) => answer(db.update(day, { holder: address, day: when }).set((row) => ({ events: row.events * 2 }))),
    // Two at once, as a handler may.
    (db) => Promise.all([answer(count(db)), answer(db.update(holder, { address }).set(add))]),
  ];
  const rare: readonly Step[] = [
    (db) => answer(db.delete(holder, { address })),
    // Reads what the database has, so everything is written there first.
    async (db) => (await db.sql.select().from(holder)).map(({ address, balance }) => `${address} ${balance}`).sort(),
    () => new Promise((resolve) => setImmediate(resolve, 'the event loop turns')),
  ];
  const pick = roll(10) === 0 ? rare[roll(rare.length)] : steps[roll(steps.length)];
  return pick as Step;
};

const contents = async (url: string) => {
  const sql = postgres(url, { max: 1 });
  const rows = {
    holder: await sql`select * from holder order by address`,
    day: await sql`select * from holder_day order by holder, day`,
  };
  await sql.end();
  return JSON.parse(JSON.stringify(rows));
};

test.each([1, 2, 3])('random writes end as Ponder alone would have them (seed %i)', async (seed) => {
  const urls = [await createDatabase(), await createDatabase()] as const;
  for (const url of urls) {
    const sql = postgres(url, { max: 1 });
    await sql.unsafe(ddl);
    await sql.end();
  }
  const alone = await openStore(urls[0], (db) => db);
  const remembering = await openStore(urls[1], withHotRows);
  const roll = dice(seed);
  try {
    for (let batch = 0; batch < 12; batch++) {
      const length = 1 + roll(120);
      const steps = Array.from({ length }, () => randomStep(roll));
      const how = { failsAt: roll(4) === 0 ? roll(length) : -1, isLive: roll(2) === 0 };
      const expected = await alone.batch(steps, how);
      expect(await remembering.batch(steps, how)).toEqual(expected);
      expect(await contents(urls[1])).toEqual(await contents(urls[0]));
    }
  } finally {
    await alone.close();
    await remembering.close();
  }
});
