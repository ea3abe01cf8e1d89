import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, blockingFolder, isRoot, systemAccount } from './account.ts';
import { type Binaries, POSTGRES_MAJOR } from './binaries.ts';
import { codeOf, DatabaseError } from './errors.ts';
import { diskFull, type Folder, notWritable, readIfThere } from './folder.ts';
import { isAlive } from './processes.ts';

const run = promisify(execFile);

/** The role that owns everything in the embedded server. */
export const SUPERUSER = 'openledger';

/** Byte order and UTF-8 whatever the machine's locale, so that sorting and cursors are the same everywhere. */
const localeFlags = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** Whether the folder holds a data directory. @throws DatabaseError `other-version` */
export async function hasCluster(folder: Folder): Promise<boolean> {
  const version = await readIfThere(join(folder.cluster, 'PG_VERSION')).catch((error: unknown) => {
    if (codeOf(error) === 'EACCES') throw notOurs(folder, error);
    throw error;
  });
  if (version === undefined) return false;
  if (version.trim() === String(POSTGRES_MAJOR)) return true;
  throw new DatabaseError(
    'other-version',
    `The data directory ${folder.cluster} belongs to Postgres ${version.trim()}, but this release comes with Postgres ${POSTGRES_MAJOR}. Move it away to start empty (everything on chain is indexed again), or run it with a Postgres ${version.trim()} of your own and name that in DATABASE_URL.`,
  );
}

/**
 * The account to run the server as. Root runs it as the owner of the data directory, or as `postgres`, and everyone
 * else as themselves. @throws DatabaseError `not-reachable` when that account cannot get to the data or the programs
 */
export async function accountFor(folder: Folder, binaries: Binaries): Promise<Account> {
  if (!isRoot()) return undefined;
  const owner = await stat(folder.cluster).catch(() => undefined);
  const account =
    owner !== undefined && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : systemAccount('postgres');
  const blocked = blockingFolder(account, folder.path);
  if (blocked !== undefined) {
    throw new DatabaseError(
      'not-reachable',
      `Started by root, Postgres runs as user ${account.uid}, who may not enter ${blocked} on the way to ${folder.path}. Choose a folder outside it with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger, or run: chmod o+x ${blocked}`,
    );
  }
  const hidden = blockingFolder(account, binaries.postgres);
  if (hidden !== undefined) {
    throw new DatabaseError(
      'not-reachable',
      `Started by root, Postgres runs as user ${account.uid}, who may not enter ${hidden} on the way to ${binaries.postgres}. Install the project outside it, start it as an ordinary user, or run: chmod o+x ${hidden}`,
    );
  }
  if (owner !== undefined && owner.uid === 0)
    await run('chown', ['-R', `${account.uid}:${account.gid}`, folder.cluster]);
  return account;
}

/**
 * Makes the data directory, complete or not at all: it is built beside its place and renamed into it, so one that was
 * cut short is never taken for a real one, and of several who try at once one wins.
 */
export async function initialiseCluster(
  folder: Folder,
  binaries: Binaries,
  account: Account,
  password: string,
  extraFlags: readonly string[],
): Promise<void> {
  await removeUnfinished(folder);
  const unfinished = `${folder.cluster}.${process.pid}.${randomBytes(4).toString('hex')}.new`;
  const passwordCopy = join(unfinished, 'password');
  const cluster = join(unfinished, 'data');
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordCopy, password, { mode: 0o600 });
    if (account !== undefined) {
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordCopy, account.uid, account.gid);
    }
    const files = [`--pgdata=${cluster}`, `--pwfile=${passwordCopy}`, `--username=${SUPERUSER}`];
    const flags = [...files, '--auth=scram-sha-256', '--no-instructions', ...localeFlags, ...extraFlags];
    await run(binaries.initdb, flags, { ...account, cwd: '/', env: { LC_ALL: 'C' } });
    await chmod(cluster, 0o700);
    await rename(cluster, folder.cluster);
  } catch (error) {
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return;
    throw initialisationFailed(folder, error);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Removes what an initialisation left behind that was cut short with its process. */
async function removeUnfinished(folder: Folder): Promise<void> {
  for (const name of await readdir(folder.path)) {
    const pid = /^data\.(\d+)\.[0-9a-f]+\.new$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(join(folder.path, name), { recursive: true, force: true });
    }
  }
}

function initialisationFailed(folder: Folder, error: unknown): DatabaseError {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  if (output === '') return notWritable(folder.path, error);
  if (output.includes('No space left on device')) return diskFull(folder.path, error);
  const last = output.trimEnd().split('\n').slice(-8).join('\n');
  return new DatabaseError(
    'init-failed',
    `Postgres could not make its data directory in ${folder.path}. Its last words:\n${last}`,
    { cause: error },
  );
}

const notOurs = (folder: Folder, cause: unknown): DatabaseError =>
  new DatabaseError(
    'not-writable',
    `The data directory ${folder.cluster} belongs to another user. Start as the user who made it, or choose another folder with OPENLEDGER_STATE_DIR.`,
    { cause },
  );
