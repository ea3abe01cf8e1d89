import { execFileSync, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { DatabaseError } from './errors.ts';

/** The system user that the server runs as; undefined means the user that runs this process. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

/** Whether this process is root, as which Postgres refuses to run. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** The account called `name`, created as a system account without login when the machine has none. */
export function systemAccount(name: string): NonNullable<Account> {
  return findAccount(name) ?? createAccount(name);
}

function findAccount(name: string): Account {
  try {
    return { uid: idOf('-u', name), gid: idOf('-g', name) };
  } catch {
    return undefined;
  }
}

const idOf = (flag: string, name: string): number =>
  Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

function createAccount(name: string): NonNullable<Account> {
  const made = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name], {
    encoding: 'utf8',
  });
  const account = findAccount(name);
  if (account !== undefined) return account;
  const reason = made.error?.message ?? made.stderr.trim();
  throw new DatabaseError(
    'no-account',
    `Postgres does not run as root, and the account "${name}" to run it as could not be created (${reason}). Start as an ordinary user, create that account, or name a server in DATABASE_URL.`,
  );
}

/** The folders from the root down to `path`, `path` itself included. */
export function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}

/** The first folder on the way to `path` that `account` may not enter, by the kernel's own answer (modes and ACLs). */
export function blockingFolder(account: Account, path: string): string | undefined {
  const script = 'for folder; do [ -x "$folder" ] || { printf %s "$folder"; exit 0; }; done';
  const asked = spawnSync('/bin/sh', ['-c', script, 'sh', ...ancestors(path)], {
    ...account,
    cwd: '/',
    encoding: 'utf8',
  });
  return asked.stdout === '' ? undefined : asked.stdout;
}
