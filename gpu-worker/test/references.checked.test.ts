import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixtures } from './reference.ts';

type Checked = {
  readonly largest_relative_difference: Readonly<Record<string, number>>;
  readonly sha256: Readonly<Record<string, string>>;
};

const checked: Checked = JSON.parse(readFileSync(join(fixtures, 'checked.json'), 'utf8'));

const hashOf = (file: string) =>
  createHash('sha256')
    .update(readFileSync(join(fixtures, file)))
    .digest('hex');

test('what was written here is the very bytes that peft and transformers loaded', () => {
  const written = globSync('written/**/*.*', { cwd: fixtures });
  // The shipped base stands elsewhere; it is named where it was checked.
  const files = new Set([...written, ...Object.keys(checked.sha256)]);
  expect(Object.fromEntries([...files].map((file) => [file, hashOf(file)]))).toEqual(checked.sha256);
});

test('what they gave in peft and transformers is what they give here', () => {
  expect(Object.keys(checked.largest_relative_difference).length).toBeGreaterThanOrEqual(4);
  for (const [what, difference] of Object.entries(checked.largest_relative_difference)) {
    expect(difference, what).toBeLessThan(1e-4);
  }
});
