import { spawn, spawnSync } from 'node:child_process';
import { chown, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aPlaceForEachTest, ask, refused, start } from '../../test/servers.ts';
import { isRoot } from './account.ts';
import { commandOf, hasEnded, isAlive } from './processes.ts';

const place = aPlaceForEachTest();
const program = fileURLToPath(new URL('../../test/run-server.ts', import.meta.url));

/** A process of its own that runs a server; resolves once it does. */
async function elsewhere(ending: 'stay' | 'exit') {
  const child = spawn(process.execPath, [program, place.dataDir, ending], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  return { pid: child.pid!, serverPid: Number(said), ended };
}

test('a second start has the data, the port and the password of the first', async () => {
  const first = await start(place);
  await ask(first, 'create table kept as select 42 as answer');
  await first.stop();
  await first.ended;
  const second = await start(place);
  expect(second.url).toBe(first.url);
  expect(await ask(second, 'select answer from kept')).toEqual({ answer: 42 });
  expect((await stat(join(place.dataDir, 'password'))).mode & 0o777).toBe(0o600);
});

test('a remembered port that another program took is replaced, since nobody asked for it', async () => {
  const first = await start(place);
  await first.stop();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.port, '127.0.0.1', resolve));
  const second = await start(place);
  other.close();
  expect(second.port).not.toBe(first.port);
});

test('what was committed survives the server being killed, and nothing of it is in the way', async () => {
  const first = await start(place);
  await ask(first, 'create table kept as select 42 as answer');
  process.kill(first.pid, 'SIGKILL');
  const second = await start(place);
  await first.ended;
  expect(await ask(second, 'select answer from kept')).toEqual({ answer: 42 });
});

test('Ctrl-C reaches the process that runs the server, not the server; the next start takes its place', async () => {
  const lost = await elsewhere('stay');
  process.kill(-lost.pid, 'SIGINT');
  await lost.ended;
  expect(isAlive(lost.serverPid)).toBe(true);
  const progress: string[] = [];
  const server = await start(place, { onProgress: (message) => progress.push(message) });
  expect(progress).toEqual([`stopping the database server that a crash left running (process ${lost.serverPid})`]);
  expect(isAlive(lost.serverPid)).toBe(false);
  expect(server.owned).toBe(true);
});

test('a process that ends without stopping its server takes it along', async () => {
  const careless = await elsewhere('exit');
  await careless.ended;
  expect(await hasEnded(careless.serverPid, 5_000)).toBe(true);
});

test('a server that another live process runs is shared and left to it', async () => {
  const other = await elsewhere('stay');
  const guest = await start(place);
  expect(guest).toMatchObject({ pid: other.serverPid, owned: false });
  expect(await refused(place, { port: guest.port === 65_535 ? 65_534 : guest.port + 1 })).toBe(
    `The embedded Postgres was asked to listen on port ${guest.port + 1}, but it runs already, on port ${guest.port}, for another process. Stop that one first, or set OPENLEDGER_DB_PORT=${guest.port}.`,
  );
  await guest.stop();
  expect(await ask(guest, 'select 1 as one')).toEqual({ one: 1 });
  process.kill(other.pid, 'SIGKILL');
  await other.ended;
  const server = await start(place);
  expect(server.owned).toBe(true);
});

test('two first starts at once make one database', async () => {
  const both = await Promise.all([1, 2].map(() => start(place, { dataDir: place.newDir })));
  expect(both.map(({ owned }) => owned).sort()).toEqual([false, true]);
  expect(new Set(both.map(({ url }) => url)).size).toBe(1);
});

test('a lock file that names another program, as after a restart of the container, is no server', async () => {
  const first = await start(place);
  await first.stop();
  const lock = join(place.dataDir, 'data', 'postmaster.pid');
  await writeFile(lock, `${process.pid}\n${join(place.dataDir, 'data')}\n1\n${first.port}\n\n127.0.0.1\n\nready   \n`);
  const { uid, gid } = await stat(join(place.dataDir, 'data'));
  if (isRoot()) await chown(lock, uid, gid);
  expect((await start(place)).owned).toBe(true);
});

test('Ctrl-C still belongs to whoever uses this package, and the command line has no password', async () => {
  const before = ['SIGINT', 'SIGTERM', 'uncaughtException'].map((name) => process.listenerCount(name));
  const server = await start(place);
  expect(['SIGINT', 'SIGTERM', 'uncaughtException'].map((name) => process.listenerCount(name))).toEqual(before);
  expect(commandOf(server.pid)).not.toContain(new URL(server.url).password);
});

test.runIf(isRoot())('root that keeps new files to itself still makes a folder that the server can enter', async () => {
  const mask = process.umask(0o077);
  const server = await start(place, { dataDir: join(place.folder, 'a', 'b', 'postgres') }).finally(() =>
    process.umask(mask),
  );
  expect(await ask(server, 'select 1 as one')).toEqual({ one: 1 });
});

test.runIf(isRoot())('data that root copied back from a backup is given to the server again', async () => {
  await (await start(place)).stop();
  const { uid, gid } = await stat(join(place.dataDir, 'data'));
  expect(uid).not.toBe(0);
  spawnSync('chown', ['-R', '0:0', join(place.dataDir, 'data')]);
  expect((await start(place)).owned).toBe(true);
  expect(await stat(join(place.dataDir, 'data', 'base'))).toMatchObject({ uid, gid });
});
