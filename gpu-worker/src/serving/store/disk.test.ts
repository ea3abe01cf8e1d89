import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import { openDisk } from './disk.ts';
import { writeRevisions } from './revisions.fixture.ts';
import { fixtures } from './store.fixture.ts';

let folder: string;
let cacheDir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-disk-'));
  cacheDir = join(folder, 'cache');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;
/** No process has this number: Linux and macOS stop below it. */
const goneProcess = 2 ** 30;

const put = async (name: string, files: Record<string, string>, at = new Date()) => {
  await mkdir(join(cacheDir, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(cacheDir, name, file), text);
  await utimes(join(cacheDir, name), at, at);
};
const whole = { 'adapter_config.json': '{}', 'adapter_model.safetensors': 'tensors' };

test('a start keeps whole adapters, and clears away what a crash left and nothing else', async () => {
  await put(hash('a'), whole, new Date(1_000));
  await put(hash('b'), { 'adapter_config.json': '{}' });
  await put(`.part-${goneProcess}-x1`, whole);
  await put(`.gone-${goneProcess}-x2`, whole);
  await put(`.part-${process.pid}-x3`, whole);
  await put(`.part-${process.ppid}-x4`, whole);
  await put('of-somebody-else', whole);
  await writeFile(join(cacheDir, 'notes.txt'), 'keep');
  const { stored } = await openDisk(cacheDir);
  expect(stored).toEqual([{ hash: hash('a'), bytes: 9, usedAt: new Date(1_000) }]);
  expect(await readdir(cacheDir)).toEqual([`.part-${process.ppid}-x4`, hash('a'), 'notes.txt', 'of-somebody-else']);
});

test('a folder that cannot be used is named', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(openDisk(join(folder, 'file'))).rejects.toThrow(join(folder, 'file'));
});

test('an adapter appears and goes as a whole', async () => {
  const { disk } = await openDisk(cacheDir);
  const staged = await disk.stage();
  for (const [file, text] of Object.entries(whole)) await writeFile(join(staged, file), text);
  await disk.commit(staged, hash('a'));
  expect(await readdir(cacheDir)).toEqual([hash('a')]);
  const again = await disk.stage();
  await writeFile(join(again, 'adapter_config.json'), 'other');
  await disk.commit(again, hash('a'));
  expect(await readdir(disk.folderOf(hash('a')))).toEqual(['adapter_config.json']);
  await disk.remove(hash('a'));
  await disk.remove(hash('a'));
  expect(await readdir(cacheDir)).toEqual([]);
});

test('whenever a worker is killed, its disk holds nothing but adapters as they were published', async () => {
  const revisions = await writeRevisions(join(fixtures, 'plain'), join(folder, 'published'), 8);
  const bytes = 100_000;
  for (let kill = 0; kill < 4; kill += 1) {
    await killedAfter([cacheDir, `${bytes}`, JSON.stringify(revisions)], 3 + kill * 4, kill * 3);
    const { stored } = await openDisk(cacheDir);
    expect((await readdir(cacheDir)).toSorted()).toEqual(stored.map(({ hash }) => hash).toSorted());
    for (const { hash } of stored) expect(await adapterHash(join(cacheDir, hash))).toBe(hash);
    expect(stored.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(bytes);
    expect(stored.length).toBeGreaterThan(0);
  }
}, 60_000);

/** Runs the process and kills it so many milliseconds after it has written so many lines. */
const killedAfter = (args: readonly string[], lines: number, ms: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.fixture.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      if (text.split('\n').length > lines) setTimeout(() => child.kill('SIGKILL'), ms);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`It ended by itself with ${code}`));
    });
  });
