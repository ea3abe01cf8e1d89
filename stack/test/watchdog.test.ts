import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive, scratchDir } from './scratch.ts';

const watchdogFile = fileURLToPath(new URL('../src/watchdog.ts', import.meta.url));

test('what a killed supervisor leaves behind is ended', async () => {
  const file = join(scratchDir(), 'supervisor.ts');
  writeFileSync(
    file,
    `import { spawn } from 'node:child_process';
     import { startWatchdog } from ${JSON.stringify(watchdogFile)};
     const watchdog = startWatchdog();
     const part = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
     watchdog.guard(part.pid!);
     console.log(part.pid);
     setInterval(() => {}, 1000);`,
  );
  const supervisor = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => {
    supervisor.stdout.once('data', (data) => resolve(Number(data)));
  });
  expect(isAlive(pid)).toBe(true);
  await sleep(500);
  supervisor.kill('SIGKILL');
  for (let i = 0; i < 200 && isAlive(pid); i++) await sleep(50);
  expect(isAlive(pid)).toBe(false);
});
