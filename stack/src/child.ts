import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished, type Running } from './service.ts';
import type { Watchdog } from './watchdog.ts';

export type ChildOptions = {
  name: string;
  /** A TypeScript or JavaScript file to run with this Node. */
  file: string;
  args?: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string;
  onLine: (line: string) => void;
  /** Asked twice a second until it says true. */
  ready?: () => Promise<boolean>;
  readyTimeoutMs?: number;
  stopTimeoutMs?: number;
  watchdog: Watchdog;
  signal: AbortSignal;
};

/**
 * Starts a process and waits until it is ready.
 * @throws Error with its last words when it ends, or does not become ready in time.
 */
export async function startChild(options: ChildOptions): Promise<Running> {
  const { name, file, args = [], env, cwd, onLine, ready, readyTimeoutMs = 60_000, stopTimeoutMs = 8_000 } = options;
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C in the terminal reaches the supervisor alone, which then stops the parts in order.
    detached: true,
  });
  const last: string[] = [];
  const heard = (line: string) => {
    last.push(line);
    if (last.length > 12) last.shift();
    onLine(line);
  };
  createInterface({ input: child.stdout! }).on('line', heard);
  createInterface({ input: child.stderr! }).on('line', heard);

  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      if (child.pid !== undefined) options.watchdog.release(child.pid);
      resolve(code === 0 ? finished : signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });
  if (child.pid !== undefined) options.watchdog.guard(child.pid);

  const running: Running = { exited, stop: () => stopChild(child, exited, stopTimeoutMs) };
  try {
    if (ready !== undefined) await untilReady({ name, ready, exited, last, readyTimeoutMs, signal: options.signal });
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

type ReadyOptions = {
  name: string;
  ready: () => Promise<boolean>;
  exited: Promise<string>;
  last: readonly string[];
  readyTimeoutMs: number;
  signal: AbortSignal;
};

async function untilReady({ name, ready, exited, last, readyTimeoutMs, signal }: ReadyOptions): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  let ended: string | undefined;
  void exited.then((reason) => {
    ended = reason;
  });
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    if (await ready().catch(() => false)) return;
    if (ended !== undefined) throw new Error(`${name} ${ended}.\n${last.join('\n')}`);
    await sleep(250);
  }
  throw new Error(`${name} was not ready after ${readyTimeoutMs / 1_000} s.\n${last.join('\n')}`);
}

async function stopChild(child: ChildProcess, exited: Promise<string>, timeoutMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child.pid, 'SIGTERM');
  const late = await Promise.race([exited.then(() => false), sleep(timeoutMs, true, { ref: false })]);
  if (late) {
    signalGroup(child.pid, 'SIGKILL');
    await exited;
  }
}

/** Signals a child and whatever it started: a detached child leads a process group of its own. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    try {
      process.kill(pid, signal);
    } catch {
      // Already gone.
    }
  }
}
