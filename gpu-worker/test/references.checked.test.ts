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

test('the files written here are the very ones that peft and transformers loaded', () => {
  const files = globSync('written/**/*.*', { cwd: fixtures });
  const sha256 = files.map((file) => [
    file,
    createHash('sha256')
      .update(readFileSync(join(fixtures, file)))
      .digest('hex'),
  ]);
  expect(Object.fromEntries(sha256)).toEqual(checked.sha256);
});

test('what they gave in peft and transformers is what they give here', () => {
  expect(Object.keys(checked.largest_relative_difference).length).toBeGreaterThanOrEqual(4);
  for (const [what, difference] of Object.entries(checked.largest_relative_difference)) {
    expect(difference, what).toBeLessThan(1e-4);
  }
});
