import { defineRelations } from 'drizzle-orm';
import { bigint, numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase } from './client.ts';
import { createTestDatabase } from './testing.ts';

const wei = 2n ** 255n + 1n;
const block = 2n ** 63n - 1n;

const uint256 = () => numeric({ precision: 78, scale: 0, mode: 'bigint' });
const payer = pgTable('payer', { address: text().primaryKey() });
const payment = pgTable('payment', { payer: text(), wei: uint256(), block: bigint({ mode: 'bigint' }) });
const relations = defineRelations({ payer, payment }, (r) => ({
  payer: { payments: r.many.payment({ from: r.payer.address, to: r.payment.payer }) },
}));

const log: { query: string; parameters: readonly unknown[] }[] = [];
const database = await createTestDatabase(inject('postgresUrl'));
const { db, sql, close } = createDatabase({
  url: database.url,
  statementTimeoutMs: 200,
  name: 'client test',
  relations,
  onQuery: (query, parameters) => log.push({ query, parameters }),
});

beforeAll(async () => {
  await sql`create table payer (address text primary key)`;
  await sql`create table payment (payer text, wei numeric(78, 0), block int8)`;
  await db.insert(payer).values({ address: '0xa' });
  await db.insert(payment).values({ payer: '0xa', wei, block });
});

afterAll(async () => {
  await close();
  await database.drop();
});

test('amounts of 256 bits and block numbers keep every digit, by hand, through drizzle and nested', async () => {
  expect(await sql`select wei, block from payment where wei = ${sql.types.numeric(wei)}`).toEqual([{ wei, block }]);
  expect(await db.select().from(payment)).toEqual([{ payer: '0xa', wei, block }]);
  expect(await db.query.payer.findMany({ with: { payments: true } })).toEqual([
    { address: '0xa', payments: [{ payer: '0xa', wei, block }] },
  ]);
});

test('an average keeps its fraction', async () => {
  expect(await sql`select 0.25::numeric as share`).toEqual([{ share: '0.25' }]);
});

test('a query that runs away is cancelled by the server', async () => {
  await expect(sql`select pg_sleep(5)`).rejects.toMatchObject({ code: '57014' });
});

test('the query log shows what was sent, and nothing of the driver itself', async () => {
  log.length = 0;
  await sql.begin((tx) => tx`select ${'x'}::text as x, current_setting('application_name') as name`);
  expect(log).toEqual([
    { query: 'begin ', parameters: [] },
    { query: "select $1::text as x, current_setting('application_name') as name", parameters: ['x'] },
    { query: 'commit', parameters: [] },
  ]);
});
