import postgres from 'postgres';
import { expect, test } from 'vitest';
import { openDoor } from '../rpc/index.ts';
import { createDatabase } from '../test/servers.ts';
import { ConfigError } from './config.ts';
import { mayPass } from './passing.ts';

// What ends a start and may be gone at the next: the process then ends with 75, and its keeper starts it again.

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('nodes that say nothing', async () => {
  const { head } = openDoor({
    urls: ['http://127.0.0.1:1'],
    chainId: 1n,
    patience: 50,
    watched: new Map(),
    depth: 'ends',
  });
  expect(mayPass(await errorOf(head.read()))).toBe(true);
});

test('a database that takes its connections back', async () => {
  const url = await createDatabase();
  const [victim, admin] = [postgres(url, { max: 1 }), postgres(url, { max: 1 })];
  const [session] = await victim<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const cut = errorOf(victim`select pg_sleep(30)`.execute());
  await admin`select pg_terminate_backend(${session!.pid})`;
  expect(mayPass(await cut)).toBe(true);
  await Promise.all([victim.end({ timeout: 1 }), admin.end({ timeout: 1 })]);
});

test('nothing that is ours to mend', async () => {
  expect(mayPass(new ConfigError('DATABASE_URL is missing'))).toBe(false);
  expect(mayPass(new TypeError('no function'))).toBe(false);
  expect(mayPass(undefined)).toBe(false);
});
