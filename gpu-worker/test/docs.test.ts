import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const room = join(import.meta.dirname, '..');

test('the program in docs/models.md trains an adapter, writes it and reads it back', async () => {
  const page = await readFile(join(room, '../docs/models.md'), 'utf8');
  const [, program] = /```ts\n([\s\S]*?)```/.exec(page)!;
  // Inside the package, so that the program finds it by its name.
  const folder = await mkdtemp(join(room, '.docs-'));
  try {
    await cp(join(room, 'base'), join(folder, 'base'), { recursive: true });
    await writeFile(join(folder, 'program.ts'), program!);
    const { stdout } = await promisify(execFile)(process.execPath, ['program.ts'], { cwd: folder });
    const losses = [...stdout.matchAll(/held out ([\d.]+)/g)].map(([, loss]) => Number(loss));
    expect(losses.length).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(stdout).toMatch(/best at step \d+\ntrue 42\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);
