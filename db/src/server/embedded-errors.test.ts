import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aPlaceForEachTest, refused, start } from '../../test/servers.ts';
import { isRoot } from './account.ts';
import { locateBinaries } from './binaries.ts';
import { accountFor } from './cluster.ts';
import { openFolder } from './folder.ts';
import { freePort } from './ports.ts';

const place = aPlaceForEachTest();

test('a port that another program uses', async () => {
  const other = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const message = await refused(place, { port });
  other.close();
  expect(message).toBe(
    `The embedded Postgres was asked to listen on port ${port}, which another program uses. Choose another with OPENLEDGER_DB_PORT, for example OPENLEDGER_DB_PORT=${port + 1}, or leave it unset to have a free one found.`,
  );
});

test('data of another major version is left untouched', async () => {
  await writeFile(join(place.dataDir, 'data', 'PG_VERSION'), '16\n');
  expect(await refused(place)).toBe(
    `The data directory ${place.dataDir}/data belongs to Postgres 16, but this release comes with Postgres 17. Move it away to start empty (everything on chain is indexed again), or run it with a Postgres 16 of your own and name that in DATABASE_URL.`,
  );
  expect(await readFile(join(place.dataDir, 'data', 'PG_VERSION'), 'utf8')).toBe('16\n');
});

test('a folder that cannot be made', async () => {
  await writeFile(join(place.folder, 'file'), '');
  const inside = join(place.folder, 'file', 'postgres');
  expect(await refused(place, { dataDir: inside })).toBe(
    `Cannot write to the folder ${inside} (ENOTDIR). Let this user write there, or choose another folder with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger.`,
  );
});

test.skipIf(isRoot())('a folder that only others may write to', async () => {
  await chmod(place.folder, 0o500);
  const message = await refused(place, { dataDir: place.newDir });
  await chmod(place.folder, 0o700);
  expect(message).toBe(
    `Cannot write to the folder ${place.newDir} (EACCES). Let this user write there, or choose another folder with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger.`,
  );
});

test.runIf(isRoot())('root with a state folder that only root may enter', async () => {
  await chmod(place.folder, 0o700);
  const { uid } = (await accountOf())!;
  expect(await refused(place)).toBe(
    `Started by root, Postgres runs as user ${uid}, who may not enter ${place.folder} on the way to ${place.dataDir}. Choose a folder outside it with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger, or run: chmod o+x ${place.folder}`,
  );
});

test.runIf(isRoot())('root with the project in a folder that only root may enter', async () => {
  const home = join(place.folder, 'home');
  await mkdir(home, { mode: 0o700 });
  const binaries = { initdb: join(home, 'initdb'), postgres: join(home, 'postgres') };
  const { uid } = (await accountOf())!;
  await expect(accountFor(await openFolder(place.dataDir), binaries)).rejects.toThrow(
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

test('an initialisation that fails says why and leaves nothing behind', async () => {
  const dataDir = place.newDir;
  expect(await refused(place, { dataDir, initFlags: ['--wal-segsize=3'] })).toBe(
    `Postgres could not make its data directory in ${dataDir}. Its last words:
initdb: error: argument of --wal-segsize must be a power of two between 1 and 1024`,
  );
  expect((await start(place, { dataDir })).owned).toBe(true);
});

test.runIf(isRoot())('a full disk, and then one with room', async ({ skip }) => {
  const dataDir = place.newDir;
  await mkdir(dataDir, { mode: 0o711 });
  const full = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=711', 'openledger-test', dataDir]);
  if (full.status !== 0) return skip('this machine does not let tests mount');
  try {
    expect(await refused(place, { dataDir })).toBe(
      `The disk that holds ${dataDir} is full. Free some space, or choose a folder on another disk with OPENLEDGER_STATE_DIR.`,
    );
    spawnSync('mount', ['-o', 'remount,size=256m', dataDir]);
    await (await start(place, { dataDir })).stop();
  } finally {
    spawnSync('umount', [dataDir]);
  }
});

test('a server that cannot start says why', async () => {
  const message = await refused(place, { settings: { shared_buffers: 'much' } });
  expect(message).toMatch(
    /^The embedded Postgres on \S+\/data did not start\. Its last words, from \S+\/server\.log:\n.*FATAL: {2}invalid value for parameter "shared_buffers": "much"/,
  );
});

test('a password that is not the server’s', async () => {
  await writeFile(join(place.dataDir, 'password'), 'another');
  expect(await refused(place)).toBe(
    `The password in ${place.dataDir}/password is not the one of the data directory ${place.dataDir}/data. Put the right one back, or remove ${place.dataDir} to start empty (everything on chain is indexed again).`,
  );
  const pid = Number(
    (await readFile(join(place.dataDir, 'data', 'postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0],
  );
  expect(pid).toBe(0);
});

test('a machine for which there is no embedded server', async () => {
  await expect(locateBinaries('plan9-mips')).rejects.toThrow(
    'No embedded Postgres runs on plan9-mips. Install Postgres 15 or newer and name it in DATABASE_URL, for example DATABASE_URL=postgres://user:password@localhost:5432/openledger.',
  );
});
