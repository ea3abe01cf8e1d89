import { createDatabase, migrate } from '@openledger/db';
import { chatKey } from '@openledger/db/app';
import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Person } from '../core/person.ts';
import { createLimits } from './limits.ts';
import { createRecords } from './records.ts';
import { createSecret } from './secret.ts';
import { subscriptionsOf } from './subscriptions.ts';

const account = `0x${'ab'.repeat(20)}`;
let database: TestDatabase;
let connection: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  await migrate(database.url);
  connection = createDatabase({ url: database.url, max: 4 });
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

let people = 0;
const person = (): Person => ({ platform: 'telegram', id: `${++people}`, name: 'ann', locale: 'de' });
const records = (secret = 'ab') => createRecords(connection.db, createSecret(secret.repeat(32)));

test('a wallet’s key is given back to whom it is of, and lies encrypted; another secret opens nothing', async () => {
  const [ann, bob] = [person(), person()];
  await records().of(ann).keepKey({ account, token: 'olk_first' });
  await records().of(ann).keepKey({ account, token: 'olk_second' });
  expect(await records().keyOf(ann)).toEqual({ account, token: 'olk_second' });
  expect(await records().keyOf(bob)).toBeUndefined();
  const [row] = await connection.db.select().from(chatKey);
  expect(Buffer.from(row!.sealedToken).toString('latin1')).not.toContain('olk_');
  await expect(records('cd').keyOf(ann)).rejects.toThrow('sealed with another key');
  // Moved to somebody else's row it opens nothing either.
  await connection.db.insert(chatKey).values({ ...row!, platformUserId: bob.id });
  await expect(records().keyOf(bob)).rejects.toThrow('sealed with another key');
  await records().of(ann).dropKey();
  expect(await records().keyOf(ann)).toBeUndefined();
});

test('what is done at the same moment is done once, and again when the time is over', async () => {
  const { waitFor } = records().of(person());
  const waits = await Promise.all([1, 2, 3, 4].map(() => waitFor('ask', 30)));
  expect(waits.filter((seconds) => seconds === 0)).toHaveLength(1);
  expect(Math.max(...waits)).toBeGreaterThan(25);
  expect(await waitFor('contribute', 30)).toBe(0);
  await connection.sql`update app.chat_cooldown set until = now() - interval '1 second' where what = 'ask'`;
  expect(await waitFor('ask', 30)).toBe(0);
  expect(await waitFor('ask', 30)).toBeGreaterThan(25);
});

test('alerts are one’s own, or a place’s; all of them are told and forgotten', async () => {
  const ann = person();
  const place = { kind: 'group', id: '-100', mayManage: true } as const;
  const own = subscriptionsOf(connection.db, { person: ann, place, aloneWith: ann.id, locale: 'de' });
  const others = subscriptionsOf(connection.db, { person: person(), place, aloneWith: '9', locale: 'en' });
  expect(await own.add({ topic: 'rewards', for: 'self' })).toBe(true);
  expect(await own.add({ topic: 'rewards', for: 'self' })).toBe(false);
  expect(await own.add({ topic: 'governance', for: 'place' })).toBe(true);
  expect(await others.list()).toEqual([{ topic: 'governance', for: 'place' }]);
  expect(await others.remove({ topic: 'rewards', for: 'self' })).toBe(false);
  expect(await records().of(ann).all()).toEqual({
    alerts: [{ topic: 'rewards', recipient: ann.id, locale: 'de', createdAt: expect.any(Date) }],
    actsFor: null,
    linkedRolesSince: null,
  });
  await records().of(ann).forget();
  expect(await own.list()).toEqual([{ topic: 'governance', for: 'place' }]);
});

test('so many at once, and then one by one: counted for each on its own, and by all processes together', async () => {
  const often = { most: 5, seconds: 50 };
  const rates = { person: often, place: often, wallet: often, datanet: { most: 4, seconds: 1 } };
  const processes = [createLimits(connection.db, rates), createLimits(connection.db, rates)];
  const whose = person().id;
  const waits = await Promise.all(Array.from({ length: 12 }, (_, at) => processes[at % 2]!.take('person', whose)));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  for (const wait of waits.filter((each) => each > 0)) expect(wait).toBeOneOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // Somebody else, and something else of the same name, is counted on its own.
  expect(await processes[0]!.take('person', person().id)).toBe(0);
  expect(await processes[0]!.take('place', whose)).toBe(0);
  for (let at = 0; at < 4; at++) await processes[0]!.take('datanet', '7');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await processes[1]!.take('datanet', '7')).toBe(0);
});
