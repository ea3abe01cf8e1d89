import { spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRoot } from './account.ts';
import { locateBinaries } from './binaries.ts';
import { accountFor } from './cluster.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { openFolder } from './folder.ts';
import { freePort } from './ports.ts';
import { commandOf, hasEnded, isAlive } from './processes.ts';

const quick = { initFlags: ['--no-sync', '--wal-segsize=1'] };
const program = fileURLToPath(new URL('../../test/run-server.ts', import.meta.url));

let folder: string;
let dataDir: string;
let servers: EmbeddedPostgres[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-embedded-'));
  await chmod(folder, 0o711);
  dataDir = join(folder, 'postgres');
  servers = [];
});

afterEach(async () => {
  for (const server of servers) {
    await server.stop();
    if (server.owned) expect(isAlive(server.pid), 'a server was left running').toBe(false);
  }
  await rm(folder, { recursive: true });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, ...quick, ...options });
  servers.push(server);
  return server;
}

const refused = async (options: Partial<EmbeddedOptions> = {}) => {
  const error = await start(options).catch((thrown: Error) => thrown);
  return error instanceof Error ? error.message : 'started';
};

async function ask(server: EmbeddedPostgres, statement: string): Promise<unknown> {
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe(statement);
    return row;
  } finally {
    await sql.end();
  }
}

/** A process of its own that runs a server; resolves once it does. */
async function elsewhere(ending: 'stay' | 'exit') {
  const child = spawn(process.execPath, [program, dataDir, ending], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  return { pid: child.pid!, serverPid: Number(said), ended };
}

test('a second start has the data, the port and the password of the first', async () => {
  const first = await start();
  await ask(first, 'create table kept as select 42 as answer');
  await first.stop();
  await first.ended;
  const second = await start();
  expect(second.url).toBe(first.url);
  expect(await ask(second, 'select answer from kept')).toEqual({ answer: 42 });
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
});

test('a remembered port that another program took is replaced, since nobody asked for it', async () => {
  const first = await start();
  await first.stop();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.port, '127.0.0.1', resolve));
  const second = await start();
  other.close();
  expect(second.port).not.toBe(first.port);
});

test('what was committed survives the server being killed, and nothing of it is in the way', async () => {
  const first = await start();
  await ask(first, 'create table kept as select 42 as answer');
  process.kill(first.pid, 'SIGKILL');
  const second = await start();
  await first.ended;
  expect(await ask(second, 'select answer from kept')).toEqual({ answer: 42 });
});

test('Ctrl-C reaches the process that runs the server, not the server; the next start takes its place', async () => {
  const lost = await elsewhere('stay');
  process.kill(-lost.pid, 'SIGINT');
  await lost.ended;
  expect(isAlive(lost.serverPid)).toBe(true);
  const progress: string[] = [];
  const server = await start({ onProgress: (message) => progress.push(message) });
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
  const guest = await start();
  expect(guest).toMatchObject({ pid: other.serverPid, owned: false });
  expect(await refused({ port: guest.port === 65_535 ? 65_534 : guest.port + 1 })).toBe(
    `The embedded Postgres was asked to listen on port ${guest.port + 1}, but it runs already, on port ${guest.port}, for another process. Stop that one first, or set OPENLEDGER_DB_PORT=${guest.port}.`,
  );
  await guest.stop();
  expect(await ask(guest, 'select 1 as one')).toEqual({ one: 1 });
  process.kill(other.pid, 'SIGKILL');
  await other.ended;
  const server = await start();
  expect(server.owned).toBe(true);
});

test('two first starts at once make one database', async () => {
  const both = await Promise.all([start(), start()]);
  expect(both.map(({ owned }) => owned).sort()).toEqual([false, true]);
  expect(new Set(both.map(({ url }) => url)).size).toBe(1);
});

test('a lock file that names another program, as after a restart of the container, is no server', async () => {
  const first = await start();
  await first.stop();
  const lock = join(dataDir, 'data', 'postmaster.pid');
  await writeFile(lock, `${process.pid}\n${join(dataDir, 'data')}\n1\n${first.port}\n\n127.0.0.1\n\nready   \n`);
  const { uid, gid } = await stat(join(dataDir, 'data'));
  if (isRoot()) await chown(lock, uid, gid);
  expect((await start()).owned).toBe(true);
});

test('Ctrl-C still belongs to whoever uses this package, and the command line has no password', async () => {
  const before = ['SIGINT', 'SIGTERM', 'uncaughtException'].map((name) => process.listenerCount(name));
  const server = await start();
  expect(['SIGINT', 'SIGTERM', 'uncaughtException'].map((name) => process.listenerCount(name))).toEqual(before);
  expect(commandOf(server.pid)).not.toContain(new URL(server.url).password);
});

test('a port that another program uses', async () => {
  const other = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const message = await refused({ port });
  other.close();
  expect(message).toBe(
    `The embedded Postgres was asked to listen on port ${port}, which another program uses. Choose another with OPENLEDGER_DB_PORT, for example OPENLEDGER_DB_PORT=${port + 1}, or leave it unset to have a free one found.`,
  );
});

test('data of another major version is left untouched', async () => {
  await mkdir(join(dataDir, 'data'), { recursive: true });
  await writeFile(join(dataDir, 'data', 'PG_VERSION'), '16\n');
  expect(await refused()).toBe(
    `The data directory ${dataDir}/data belongs to Postgres 16, but this release comes with Postgres 17. Move it away to start empty (everything on chain is indexed again), or run it with a Postgres 16 of your own and name that in DATABASE_URL.`,
  );
  expect(await readFile(join(dataDir, 'data', 'PG_VERSION'), 'utf8')).toBe('16\n');
});

test('a folder that cannot be made', async () => {
  await writeFile(join(folder, 'file'), '');
  const inside = join(folder, 'file', 'postgres');
  expect(await refused({ dataDir: inside })).toBe(
    `Cannot write to the folder ${inside} (ENOTDIR). Let this user write there, or choose another folder with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger.`,
  );
});

test.skipIf(isRoot())('a folder that only others may write to', async () => {
  await chmod(folder, 0o500);
  const message = await refused();
  await chmod(folder, 0o700);
  expect(message).toBe(
    `Cannot write to the folder ${dataDir} (EACCES). Let this user write there, or choose another folder with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger.`,
  );
});

test.runIf(isRoot())('root with a state folder that only root may enter', async () => {
  await chmod(folder, 0o700);
  const { uid } = (await accountOf())!;
  expect(await refused()).toBe(
    `Started by root, Postgres runs as user ${uid}, who may not enter ${folder} on the way to ${dataDir}. Choose a folder outside it with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger, or run: chmod o+x ${folder}`,
  );
});

test.runIf(isRoot())('root with the project in a folder that only root may enter', async () => {
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o700 });
  const binaries = { initdb: join(home, 'initdb'), postgres: join(home, 'postgres') };
  const { uid } = (await accountOf())!;
  await expect(accountFor(await openFolder(dataDir), binaries)).rejects.toThrow(
    `Started by root, Postgres runs as user ${uid}, who may not enter ${home} on the way to ${home}/postgres. Install the project outside it, start it as an ordinary user, or run: chmod o+x ${home}`,
  );
});

const accountOf = async () => {
  const open = await mkdtemp(join(tmpdir(), 'openledger-account-'));
  await chmod(open, 0o711);
  const account = await accountFor(await openFolder(join(open, 'x')), await locateBinaries());
  await rm(open, { recursive: true });
  return account;
};

test.runIf(isRoot())('root that keeps new files to itself still makes a folder that the server can enter', async () => {
  const mask = process.umask(0o077);
  const server = await start({ dataDir: join(folder, 'a', 'b', 'postgres') }).finally(() => process.umask(mask));
  expect(await ask(server, 'select 1 as one')).toEqual({ one: 1 });
});

test.runIf(isRoot())('data that root copied back from a backup is given to the server again', async () => {
  await (await start()).stop();
  const { uid, gid } = await stat(join(dataDir, 'data'));
  expect(uid).not.toBe(0);
  spawnSync('chown', ['-R', '0:0', join(dataDir, 'data')]);
  expect((await start()).owned).toBe(true);
  expect(await stat(join(dataDir, 'data', 'base'))).toMatchObject({ uid, gid });
});

test('an initialisation that fails says why and leaves nothing behind', async () => {
  expect(await refused({ initFlags: ['--wal-segsize=3'] })).toBe(
    `Postgres could not make its data directory in ${dataDir}. Its last words:
initdb: error: argument of --wal-segsize must be a power of two between 1 and 1024`,
  );
  expect((await start()).owned).toBe(true);
});

test.runIf(isRoot())('a full disk, and then one with room', async ({ skip }) => {
  await mkdir(dataDir, { mode: 0o711 });
  const full = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=711', 'openledger-test', dataDir]);
  if (full.status !== 0) return skip('this machine does not let tests mount');
  try {
    expect(await refused()).toBe(
      `The disk that holds ${dataDir} is full. Free some space, or choose a folder on another disk with OPENLEDGER_STATE_DIR.`,
    );
    spawnSync('mount', ['-o', 'remount,size=256m', dataDir]);
    await (await start()).stop();
  } finally {
    spawnSync('umount', [dataDir]);
  }
});

test('a server that cannot start says why', async () => {
  const message = await refused({ settings: { shared_buffers: 'much' } });
  expect(message).toMatch(
    /^The embedded Postgres on \S+\/data did not start\. Its last words, from \S+\/server\.log:\n.*FATAL: {2}invalid value for parameter "shared_buffers": "much"/,
  );
});

test('a password that is not the server’s', async () => {
  await (await start()).stop();
  await writeFile(join(dataDir, 'password'), 'another');
  expect(await refused()).toBe(
    `The password in ${dataDir}/password is not the one of the data directory ${dataDir}/data. Put the right one back, or remove ${dataDir} to start empty (everything on chain is indexed again).`,
  );
  const pid = Number((await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0]);
  expect(pid).toBe(0);
});

test('a machine for which there is no embedded server', async () => {
  await expect(locateBinaries('plan9-mips')).rejects.toThrow(
    'No embedded Postgres runs on plan9-mips. Install Postgres 15 or newer and name it in DATABASE_URL, for example DATABASE_URL=postgres://user:password@localhost:5432/openledger.',
  );
});
