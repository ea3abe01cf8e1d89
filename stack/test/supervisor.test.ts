import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from '../src/child.ts';
import { createLog } from '../src/log.ts';
import type { Service } from '../src/service.ts';
import { createSupervisor } from '../src/supervisor.ts';
import { startWatchdog } from '../src/watchdog.ts';
import { isAlive, scratchDir } from './scratch.ts';

/** A supervised child that prints its process id; `script` is its whole program. */
function stage(script: string, options: { mayFinish?: boolean; restartDelayMs?: number; maxRestarts?: number } = {}) {
  const folder = scratchDir();
  const file = join(folder, 'part.ts');
  writeFileSync(file, `console.log('pid ' + process.pid);\n${script}`);
  const printed: string[] = [];
  const log = createLog({ folder, level: 'info', color: false, print: (line) => printed.push(line.slice(10)) });
  const watchdog = startWatchdog();
  const supervisor = createSupervisor({ log, restartDelayMs: 10, ...options });
  const pids = () => printed.flatMap((line) => /pid (\d+)/.exec(line)?.[1] ?? []).map(Number);
  const service: Service = {
    name: 'part',
    ...(options.mayFinish === undefined ? {} : { mayFinish: options.mayFinish }),
    start: (signal) =>
      startChild({
        name: 'part',
        file,
        env: {},
        onLine: (line) => log.line('part', line),
        ready: async () => pids().length > 0,
        watchdog,
        signal,
      }),
  };
  onTestFinished(async () => {
    await supervisor.stop();
    watchdog.close();
  });
  return { supervisor, service, printed, pids };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await sleep(25);
  expect(condition()).toBe(true);
}

const forever = 'setInterval(() => {}, 1000);';

test('a part that is killed runs again, and people are told', async () => {
  const { supervisor, service, printed, pids } = stage(forever);
  await supervisor.run(service);
  process.kill(pids()[0]!, 'SIGKILL');
  await until(() => pids().length === 2);
  expect(printed).toContain('part      warning: part was ended by SIGKILL; starting it again (1 of 5)');
  expect(isAlive(pids()[1]!)).toBe(true);
});

test('stopping leaves no process behind', async () => {
  const { supervisor, service, pids } = stage(forever);
  await supervisor.run(service);
  await supervisor.stop();
  expect(pids().map(isAlive)).toEqual([false]);
});

test('a part that keeps failing is given up with its reason', async () => {
  const { supervisor, service } = stage('setTimeout(() => process.exit(3), 300);', { maxRestarts: 2 });
  await supervisor.run(service);
  const failure = await supervisor.failed;
  expect(failure.message).toBe('part ended with exit code 3 3 times within 120 s.');
});

test('a part that cannot start says its last words', async () => {
  const folder = scratchDir();
  const file = join(folder, 'part.ts');
  writeFileSync(file, "console.error('DATABASE_URL is missing'); process.exit(1);");
  const watchdog = startWatchdog();
  const start = startChild({
    name: 'part',
    file,
    env: {},
    onLine: () => {},
    ready: async () => false,
    watchdog,
    signal: new AbortController().signal,
  });
  await expect(start).rejects.toThrow('part ended with exit code 1.\nDATABASE_URL is missing');
  watchdog.close();
});

test('a part whose work is done is left alone', async () => {
  const { supervisor, service, pids } = stage('setTimeout(() => process.exit(0), 300);', { mayFinish: true });
  await supervisor.run(service);
  await until(() => pids().length === 1 && !isAlive(pids()[0]!));
  await sleep(200);
  expect(pids()).toHaveLength(1);
});
