import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDrizzleJson, generateMigration, pushSchema } from 'drizzle-kit/api-postgres';
import type { SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import * as app from './app/index.ts';
import { type Connection, createDatabase } from './client.ts';
import { migrate } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

const ours = fileURLToPath(new URL('../migrations', import.meta.url));
const names = (await readdir(ours)).sort();

let database: TestDatabase;
let connection: Connection;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-migrations-'));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  connection = createDatabase({ url: database.url, max: 2 });
});
afterEach(async () => {
  await connection.close();
  await database.drop();
});

/** The schema's columns, constraints and indexes as Postgres itself describes them. */
async function shape(): Promise<readonly string[]> {
  const rows = await connection.sql<{ line: string }[]>`
    select line from (
      select format('%s.%s %s %s', table_name, column_name, data_type, is_nullable) as line
        from information_schema.columns where table_schema = 'app'
      union all
      select format('%s: %s', conname, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'app'::regnamespace
      union all
      select indexdef from pg_indexes where schemaname = 'app'
    ) as described order by line`;
  return rows.map(({ line }) => line);
}

const applied = async () =>
  (await connection.sql<{ name: string }[]>`select name from app_migrations.applied order by id`).map(
    (row) => row.name,
  );

test('an empty database gets exactly the schema that the code reads, and a second run changes nothing', async () => {
  const progress: string[] = [];
  const onProgress = (message: string) => progress.push(message);
  await migrate(database.url, { onProgress });
  const first = await shape();
  await migrate(database.url, { onProgress });
  expect(await shape()).toEqual(first);
  expect(progress).toEqual([`applied ${names.length} of ${names.length} migrations: ${names.join(', ')}`]);
  expect(await applied()).toEqual(names);
  expect(await statementsToPush()).toEqual([]);
});

/** What drizzle-kit would change in the database to make it what the code reads. */
async function statementsToPush(): Promise<readonly string[]> {
  const client = postgres(database.url, { max: 1, onnotice: () => {} });
  const db = drizzle({ client });
  // It takes results as node-postgres gives them.
  const execute = async (query: SQL) => ({ rows: await db.execute(query) });
  const filter = { schemas: ['app'], tables: [], entities: undefined, extensions: [] };
  try {
    return (await pushSchema(app, Object.assign(Object.create(db), { execute }), filter)).sqlStatements;
  } finally {
    await client.end();
  }
}

test('the comparison with the database would notice a difference', async () => {
  await migrate(database.url);
  await connection.sql.unsafe('alter table app.relay drop constraint relay_state_is_known');
  expect(await statementsToPush()).toHaveLength(1);
});

test('a change of the schema without its migration is noticed', async () => {
  const last = join(ours, names.at(-1)!, 'snapshot.json');
  const committed = JSON.parse(await readFile(last, 'utf8'));
  expect(await generateMigration(committed, await generateDrizzleJson(app, committed.id, ['app']))).toEqual([]);
});

test('services that start at the same moment migrate once', async () => {
  const progress: string[] = [];
  const run = () => migrate(database.url, { onProgress: (message) => progress.push(message) });
  await Promise.all([run(), run(), run()]);
  expect(progress).toHaveLength(1);
  expect(await applied()).toEqual(names);
});

test('a database of the release before keeps its rows and ends up the same', async () => {
  await migrate(database.url);
  const fresh = await shape();
  await connection.sql.unsafe('drop schema app cascade; drop schema app_migrations cascade');

  const before = join(folder, 'before');
  for (const name of names.slice(0, -1)) await cp(join(ours, name), join(before, name), { recursive: true });
  await migrate(database.url, { folder: before });
  const hash = `0x${'ab'.repeat(32)}`;
  await connection.sql`insert into app.content (hash, media_type, size, body) values (${hash}, 'text/plain', 2, 'ok')`;
  const progress: string[] = [];
  await migrate(database.url, { onProgress: (message) => progress.push(message) });
  expect(progress).toEqual([`applied 1 of ${names.length} migrations: ${names.at(-1)}`]);
  expect(await shape()).toEqual(fresh);
  expect(await connection.sql`select media_type, size from app.content`).toEqual([
    { media_type: 'text/plain', size: 2n },
  ]);
});

test('a database that a newer version used is refused, not damaged', async () => {
  const newer = join(folder, 'newer');
  await cp(ours, newer, { recursive: true });
  await mkdir(join(newer, '29990101000000_from_the_future'));
  await writeFile(join(newer, '29990101000000_from_the_future', 'migration.sql'), 'create table app.future (id int)');
  await migrate(database.url, { folder: newer });
  const before = await shape();
  await expect(migrate(database.url)).rejects.toThrow(
    'A newer version of the program has used this database: it holds 29990101000000_from_the_future, which this version does not know. Use the newer version, or another database.',
  );
  expect(await shape()).toEqual(before);
});

test('a migration that fails leaves nothing half-done', async () => {
  const broken = join(folder, 'broken');
  await cp(ours, broken, { recursive: true });
  await mkdir(join(broken, '29990101000000_broken'));
  await writeFile(
    join(broken, '29990101000000_broken', 'migration.sql'),
    'create table app.half (id int);--> statement-breakpoint\ncreate table app.half (id int)',
  );
  await expect(migrate(database.url, { folder: broken })).rejects.toThrow();
  expect(await connection.sql`select to_regnamespace('app') as app`).toEqual([{ app: null }]);
  await migrate(database.url);
  expect(await applied()).toEqual(names);
});
