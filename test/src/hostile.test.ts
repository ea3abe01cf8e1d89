import { describe, expect, it, test } from 'vitest';
import { formats } from './hostile/formats.ts';
import { mutate } from './hostile/mutate.ts';
import { runHostile } from './hostile/run.ts';
import { HostileOptionsError, readHostileOptions, verifyHostile } from './hostile/verify.ts';

describe.each(formats)('files of strangers: $name', ({ name }) => {
  it('each is read or refused with the reason, never crashes, hangs or takes memory that it does not justify', async () => {
    const { files, read, refused, faults, slowestMs } = await runHostile({
      format: name,
      files: 500,
      seed: 20_261_126,
    });
    expect(faults).toEqual([]);
    expect(read + refused).toBe(files);
    // Neither all alike: then the changes would be too small or too great to find anything.
    expect(read).toBeGreaterThan(files / 50);
    expect(refused).toBeGreaterThan(files / 4);
    expect(slowestMs).toBeLessThan(10_000);
  }, 300_000);

  it('the same seed makes the same file, so that a fault can be looked at again', async () => {
    const format = formats.find((candidate) => candidate.name === name)!;
    const seeds = await format.seeds();
    const indices = Array.from({ length: 100 }, (_, index) => index);
    const before = seeds.map((bytes) => Buffer.from(bytes).toString('base64'));
    const files = indices.map((index) => Buffer.from(mutate(format, seeds, 7, index)));
    expect(seeds.map((bytes) => Buffer.from(bytes).toString('base64'))).toEqual(before);
    for (const index of indices) expect(Buffer.compare(mutate(format, seeds, 7, index), files[index]!)).toBe(0);
  });
});

test.each<[format: string, reason: RegExp, patience?: number]>([
  ['crashing', /^TypeError: undefined is not a function/],
  ['hanging', /^it was not read within 1 s$/, 1_000],
  ['allocating', /^allocated 2000 bytes for a file of \d+$/],
  ['filling the heap', /^the process ended with .*heap out of memory/],
])('a reader that is %s is found out, and the files after it are read', async (format, reason, patience = 30_000) => {
  const from = new URL('./hostile/broken.ts', import.meta.url);
  const { faults } = await runHostile({ format, from, files: 2, seed: 1, patience });
  expect(faults).toHaveLength(2);
  for (const fault of faults) expect(fault.reason).toMatch(reason);
});

test('a wrong flag is answered in words', () => {
  expect(readHostileOptions(['--files', '5', '--seed', '7', '--format', 'onnx'])).toEqual({
    files: 5,
    seed: 7,
    first: 0,
    format: 'onnx',
  });
  expect(() => readHostileOptions(['--format', 'exe'])).toThrow(HostileOptionsError);
  expect(() => readHostileOptions(['--files', 'many'])).toThrow('--files needs a whole number after it.');
  expect(() => readHostileOptions(['--depth', '1'])).toThrow('--depth is unknown');
});

test('the figures say for each format what was read, what was refused and what went wrong', async () => {
  const figures = await verifyHostile({ files: 3, seed: 7, first: 0 }, () => {});
  const one = { read: expect.any(Number), refused: expect.any(Number), faults: 0 };
  const all = Object.fromEntries(formats.map(({ name }) => [name, expect.objectContaining(one)]));
  expect(figures).toEqual({ files: 3, seed: 7, ...all, faults: 0 });
});
