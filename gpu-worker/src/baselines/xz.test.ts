import { expect, test } from 'vitest';
import { XzError, xzSize } from './xz.ts';

test('repeated text costs little more, so the corpus before the held-out text is seen', async () => {
  const text = Array.from({ length: 2_000 }, (_, i) => `${i} ${(i * 7919) % 1009}`).join('\n');
  const once = await xzSize(text).catch((error: unknown) => error);
  if (once instanceof XzError) return expect(once.message).toContain('not installed');
  expect(once).toBeGreaterThan(2_000);
  expect(await xzSize(text + text)).toBeLessThan((once as number) + 200);
});

test('a machine without xz is told what to install', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    await expect(xzSize('text')).rejects.toThrow(XzError);
    await expect(xzSize('text')).rejects.toThrow(/xz-utils/);
  } finally {
    process.env.PATH = path;
  }
});
