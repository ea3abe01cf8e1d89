import { createDatabase, migrate } from '@openledger/db';
import { chatUpdate } from '@openledger/db/app';
import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createSecret } from '../state/secret.ts';
import { startLanes } from './lanes.ts';
import { createUpdates, type Update } from './updates.ts';

let database: TestDatabase;
let connection: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  await migrate(database.url);
  connection = createDatabase({ url: database.url, max: 8 });
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const secret = createSecret('ab'.repeat(32));
const open = () => createUpdates(connection.db, secret, 'telegram');
const personOf = ({ payload }: Update): string => (payload as { person: string }).person;
const untilAllDone = async (count: number): Promise<void> => {
  for (;;) {
    const rows = await connection.db.select().from(chatUpdate);
    if (rows.filter(({ doneAt }) => doneAt !== null).length === count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test('1,000 updates, each delivered twice and in any order, with two restarts in between: each is acted on once, each person’s in order', async () => {
  const count = 1_000;
  const people = 40;
  const ids = Array.from({ length: count }, (_, at) => at);
  const deliveries = [...ids, ...ids].map((at) => ({ at, key: (at * 7_919 + 13) % 997 })).sort((a, b) => a.key - b.key);
  const acted: string[] = [];
  const under = new Set<string>();
  const begin = () =>
    startLanes({
      updates: open(),
      laneOf: personOf,
      act: async (update) => {
        const person = personOf(update);
        // Nobody's things happen at the same time.
        expect(under.has(person)).toBe(false);
        under.add(person);
        await new Promise((resolve) => setTimeout(resolve, Number(update.id) % 3));
        acted.push(update.id);
        under.delete(person);
      },
      onTrouble: (error) => {
        throw error;
      },
      everyMs: 20,
    });
  let lanes = begin();
  let received = 0;
  for (const [place, { at }] of deliveries.entries()) {
    if (await open().receive(`${at}`, { person: `${at % people}` })) received++;
    if (place % 50 === 0) lanes.wake();
    if (place === 600 || place === 1_400) {
      await lanes.stop();
      lanes = begin();
    }
  }
  await untilAllDone(count);
  await lanes.stop();
  expect(received).toBe(count);
  expect(acted.toSorted((a, b) => Number(a) - Number(b))).toEqual(ids.map(String));
  const rows = await connection.db.select().from(chatUpdate);
  expect(rows.every(({ sealed }) => sealed === null)).toBe(true);
});

test('what fails is tried again, and not for ever; what a dead process held is taken up', async () => {
  await connection.db.delete(chatUpdate);
  const updates = open();
  await updates.receive('bad', { person: 'a' });
  await updates.receive('good', { person: 'a' });
  let tries = 0;
  const lanes = startLanes({
    updates,
    laneOf: personOf,
    act: async ({ id }) => {
      if (id !== 'bad') return;
      tries++;
      throw new Error('no');
    },
    onTrouble: () => {},
    everyMs: 10,
  });
  await untilAllDone(2);
  await lanes.stop();
  expect(tries).toBe(5);
  await updates.receive('held', { person: 'b' });
  expect((await updates.take(5)).map(({ id }) => id)).toEqual(['held']);
  expect(await updates.take(5)).toEqual([]);
  await connection.sql`update app.chat_update set taken_at = now() - interval '10 minutes' where update_id = 'held'`;
  expect(await updates.take(5)).toEqual([{ id: 'held', payload: { person: 'b' }, attempts: 1 }]);
});
