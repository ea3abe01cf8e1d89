import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { createTestDatabase } from './testing.ts';

const program = fileURLToPath(new URL('./migrate-main.ts', import.meta.url));
const run = (DATABASE_URL: string) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    env: { DATABASE_URL },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('an operator migrates a database by its URL', async () => {
  const { url, drop } = await createTestDatabase(inject('postgresUrl'));
  const first = run(url);
  const second = run(url);
  await drop();
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(first.stdout).toMatch(/^applied \d+ of \d+ migrations: .*\nThe schema app is up to date\./);
  expect(second).toMatchObject({ status: 0, stderr: '' });
  expect(second.stdout).toMatch(/^The schema app is up to date\./);
});

test('without the variable, or with a wrong one, it says which and exits with 1', () => {
  expect(run('')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'DATABASE_URL is missing: a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger\n',
  });
  expect(run('http://x').stderr).toBe(
    'DATABASE_URL starts with http://, not postgres://; for example DATABASE_URL=postgres://user:password@localhost:5432/openledger\n',
  );
});
