import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { codeOf } from './errors.ts';
import { type Folder, lastLines, readIfThere } from './folder.ts';
import { commandOf, hasEnded, identityOf, isRunning } from './processes.ts';

/** A server that runs on a data directory. */
export type Postmaster = {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
  /** Whether the process that started it still runs. */
  readonly attended: boolean;
};

/** On the server's command line, the process that started it: there from its first moment and gone with it. */
const OWNER = 'openledger.owner';

/** Settings for a laptop; replication slots and logical decoding are on so that change data capture needs no restart. */
const laptop = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_level: 'logical',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The server that runs on the folder's data directory, from its lock file and the process named there. */
export async function runningPostmaster(folder: Folder): Promise<Postmaster | undefined> {
  const lock = await readIfThere(join(folder.cluster, 'postmaster.pid'));
  const [pid = '', , , port = '', , , , status = ''] = (lock ?? '').split('\n');
  const command = pid === '' ? undefined : commandOf(Number(pid));
  if (command === undefined || !serves(command, folder)) return undefined;
  const owner = new RegExp(`${OWNER}=(\\S+)`).exec(command)?.[1];
  return {
    pid: Number(pid),
    port: Number(port),
    ready: status.trim() === 'ready',
    attended: owner !== undefined && isRunning(owner),
  };
}

/**
 * Removes a lock file whose process id was given to another program since (after a restart of the machine or the
 * container): Postgres would take that program for a server. One whose process is gone it removes itself.
 */
export async function removeForeignLock(folder: Folder): Promise<void> {
  const lockFile = join(folder.cluster, 'postmaster.pid');
  const pid = Number((await readIfThere(lockFile))?.split('\n')[0]);
  const command = pid > 0 ? commandOf(pid) : undefined;
  if (command !== undefined && !serves(command, folder)) await rm(lockFile, { force: true });
}

const serves = (command: string, folder: Folder): boolean => command.includes(` -D ${folder.cluster} -c `);

/** How a launch ended: the server is ready, or its process ended first, with what it said last. */
export type Launch =
  | { readonly kind: 'ready'; readonly pid: number; readonly gone: Promise<void> }
  | { readonly kind: 'ended'; readonly said: string }
  | { readonly kind: 'slow'; readonly said: string };

/**
 * Starts the server in a session of its own, so that Ctrl-C in the terminal reaches only the process that supervises
 * it, and waits until it takes connections.
 */
export async function launch(
  folder: Folder,
  binaries: Binaries,
  account: Account,
  port: number,
  settings: Readonly<Record<string, string>>,
  patience: number,
): Promise<Launch> {
  await rename(folder.log, `${folder.log}.previous`).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  const log = openSync(folder.log, 'a', 0o600);
  const owner = { [OWNER]: identityOf(process.pid) ?? String(process.pid) };
  const flags = Object.entries({ ...laptop, ...settings, port: String(port), ...owner }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(binaries.postgres, ['-D', folder.cluster, ...flags], {
    ...account,
    cwd: '/',
    env: { LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.pid === undefined) return { kind: 'ended', said: (await failed).message };

  const deadline = Date.now() + patience;
  while (child.exitCode === null && child.signalCode === null) {
    const running = await runningPostmaster(folder);
    if (running?.pid === child.pid && running.ready) return { kind: 'ready', pid: child.pid, gone };
    if (Date.now() > deadline) {
      await end(child.pid);
      return { kind: 'slow', said: await lastLines(folder.log) };
    }
    await sleep(20);
  }
  return { kind: 'ended', said: await lastLines(folder.log) };
}

/** Ends a server and everything it runs: open transactions are rolled back; if it hangs, harder and harder. */
export async function end(pid: number): Promise<void> {
  // Postgres calls these fast and immediate shutdown: https://www.postgresql.org/docs/17/server-shutdown.html
  for (const [name, patience] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signal(pid, name);
    if (await hasEnded(pid, patience)) return;
  }
}

/** Sends a signal to a process that may be gone already. */
export function signal(pid: number, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
