import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './errors.ts';

/** Whether a process with this id exists, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** A process that ended and that nobody has collected yet, as happens in containers without an init. */
function isZombie(pid: number): boolean {
  return platform() === 'linux' && statFields(pid)?.[0] === 'Z';
}

/** The command line of a process, its words separated by spaces; undefined once it is gone. */
export function commandOf(pid: number): string | undefined {
  try {
    if (platform() === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return ps(pid, 'command=');
  } catch {
    return undefined;
  }
}

/** Names one process for good: its id, which is used again later, and when it started, which is not. */
export function identityOf(pid: number): string | undefined {
  const started = platform() === 'linux' ? statFields(pid)?.[19] : safely(() => ps(pid, 'lstart='));
  return started === undefined ? undefined : `${pid}-${started.replace(/\W+/g, '.')}`;
}

/** Whether the process named by `identity` still runs. */
export function isRunning(identity: string): boolean {
  return identityOf(Number.parseInt(identity, 10)) === identity;
}

/** Waits until the process has ended; false when it has not within `milliseconds`. */
export async function hasEnded(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Fields of /proc/<pid>/stat from the third on (the state); the second may hold spaces and brackets. See proc(5). */
function statFields(pid: number): readonly string[] | undefined {
  const stat = safely(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const ps = (pid: number, column: string): string =>
  execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
