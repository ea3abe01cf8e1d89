import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quantise } from './quantise.ts';
import { recordBytes } from './record.ts';
import { proveRow, storeRoot, verifyRow } from './root.ts';
import { rowsOf } from './store.fixture.ts';
import { openStore, readStore } from './store.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradients-'));
});
afterAll(() => rm(folder, { recursive: true }));

const options = { size: 20, settings: { adapter: '0xabc', seed: 'one', rows: 9 } };

const written = async (name: string, count: number) => {
  const file = join(folder, name);
  const store = await openStore(file, options);
  await store.append(rowsOf(count, options.size));
  await store.close();
  return file;
};

test('what was appended is read back, to half a step', async () => {
  const store = await readStore(await written('read', 9));
  expect(store).toMatchObject({ ...options, count: 9 });
  for (const [at, { contributionId, gradient }] of rowsOf(9, options.size).entries()) {
    const step = 2 ** store.exponentOf(at);
    expect(store.contributionOf(at)).toBe(contributionId);
    store.valuesOf(at).forEach((value, place) => {
      expect(Math.abs(value * step - gradient[place]!)).toBeLessThanOrEqual(step / 2);
    });
  }
});

test('a file that ends anywhere goes on after its last whole row, and ends the same', async () => {
  const file = await written('whole', 9);
  const bytes = await readFile(file);
  const start = bytes.length - 9 * recordBytes(options.size);
  for (let length = start; length < bytes.length; length += 7) {
    const cut = join(folder, 'cut');
    await writeFile(cut, bytes.subarray(0, length));
    const store = await openStore(cut, options);
    expect(store.count).toBe(Math.floor((length - start) / recordBytes(options.size)));
    await store.append(rowsOf(9, options.size).slice(store.count));
    await store.close();
    expect(await readFile(cut)).toEqual(bytes);
  }
});

test('rows that a disk lost after a power cut are written anew', async () => {
  const file = await written('lost', 9);
  const whole = await readFile(file);
  await truncate(file, whole.length - 100);
  await appendFile(file, Buffer.alloc(100));
  await expect(readStore(file)).rejects.toThrow('row 6 is damaged or not whole');
  const store = await openStore(file, options);
  expect(store.count).toBe(6);
  await store.append(rowsOf(9, options.size).slice(6));
  await store.close();
  expect(await readFile(file)).toEqual(whole);
});

test('a process that is killed again and again ends with the same file', async () => {
  const file = join(folder, 'killed');
  const program = new URL('./store.fixture.ts', import.meta.url).pathname;
  const start = () => spawn(process.execPath, [program, file, '400'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for (let kill = 1; kill <= 3; kill++) {
    const child = start();
    const ended = once(child, 'exit');
    child.stdout.on('data', (text) => {
      if (Number(String(text).trim().split('\n').at(-1)) >= 15 * kill) child.kill('SIGKILL');
    });
    expect(await ended).toEqual([null, 'SIGKILL']);
  }
  expect((await stat(file)).size).toBeGreaterThan(1000);
  const last = start();
  last.stdout.resume();
  expect(await once(last, 'exit')).toEqual([0, null]);
  expect(await readFile(file)).toEqual(await readFile(await written('unkilled', 400)));
});

test('another adapter, seed or size is not mixed into a file, nor another file taken for a store', async () => {
  const file = await written('settings', 2);
  const other = { ...options, settings: { ...options.settings, seed: 'two' } };
  await expect(openStore(file, other)).rejects.toThrow('holds gradients of other settings');
  await expect(openStore(file, { ...options, size: 21 })).rejects.toThrow('holds gradients of other settings');
  await writeFile(join(folder, 'none'), 'something else');
  await expect(openStore(join(folder, 'none'), options)).rejects.toThrow('no store of gradients');
  const store = await openStore(file, options);
  await expect(store.append([{ contributionId: 1n, gradient: [1] }])).rejects.toThrow('one of 1 was given');
  await expect(store.append([{ contributionId: 1n, gradient: new Float32Array(20).fill(Number.NaN) }])).rejects.toThrow(
    'NaN',
  );
  expect(store.count).toBe(2);
  await store.close();
});

test.each([1, 2, 3, 8, 9])('a root of %i rows proves each of them at its place, and nothing else', async (count) => {
  const store = await readStore(await written(`root ${count}`, count));
  const root = storeRoot(store);
  const length = recordBytes(store.size);
  for (let row = 0; row < count; row++) {
    const proof = proveRow(store, row);
    const record = store.records.slice(row * length, (row + 1) * length);
    expect(verifyRow(record, proof, root)).toBe(true);
    expect(verifyRow(record, { ...proof, row: (row + 1) % (count + 1) }, root)).toBe(false);
    expect(verifyRow(record, { ...proof, count: count + 1 }, root)).toBe(false);
    record[20]! ^= 1;
    expect(verifyRow(record, proof, root)).toBe(false);
  }
});

test('quantised numbers are within half a step, as fine as they fit', () => {
  const numbers = fc.array(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(numbers, fc.constantFrom(127, 16_000), (some, most) => {
      const { values, exponent } = quantise(some, most, new Int16Array(some.length));
      values.forEach((value, at) => {
        expect(Math.abs(value)).toBeLessThanOrEqual(most);
        expect(Math.abs(value * 2 ** exponent - some[at]!)).toBeLessThanOrEqual(2 ** exponent / 2);
      });
      if (exponent > -128 && some.some((value) => value !== 0)) {
        expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(most / 2 - 1);
      }
    }),
  );
});
