import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { createDatabase } from './client.ts';
import { isAlive } from './server/processes.ts';
import { createTestDatabase, startTestDatabase } from './testing.ts';

/** Starts a test server in a process of its own. */
const script = `
  const { startTestDatabase } = await import(${JSON.stringify(new URL('./testing.ts', import.meta.url).href)});
  const { createDatabase } = await import(${JSON.stringify(new URL('./client.ts', import.meta.url).href)});
  const { url } = await startTestDatabase();
  const { sql } = createDatabase({ url });
  const [{ folder }] = await sql\`select current_setting('data_directory') as folder\`;
  console.log(JSON.stringify({ folder }));
  setInterval(() => {}, 1000);
`;

test('each test file has a database of its own, which goes away even while it is in use', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => createTestDatabase(inject('postgresUrl'))));
  const { sql, close } = createDatabase({ url: one!.url });
  await sql`create table mine (id int)`;
  await one!.drop();
  await expect(sql`select * from mine`).rejects.toThrow();
  await close();
  await other!.drop();
});

test('what a test run that was killed left behind goes with the next one', async () => {
  const killed = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) => killed.stdout.once('data', (data) => resolve(String(data))));
  const { folder } = JSON.parse(said) as { folder: string };
  const ended = new Promise((resolve) => killed.once('exit', resolve));
  killed.kill('SIGKILL');
  await ended;
  expect((await stat(join(folder, 'postmaster.pid'))).isFile()).toBe(true);

  const next = await startTestDatabase();
  const { sql, close } = createDatabase({ url: await next.create(), max: 1 });
  const [own] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
  await close();
  await expect(stat(folder)).rejects.toThrow('ENOENT');
  await next.stop();
  await expect(stat(own!.folder)).rejects.toThrow('ENOENT');
  expect(isAlive(killed.pid!)).toBe(false);
});
