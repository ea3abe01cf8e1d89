import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PonderPatch, patchSource, ponderPatches } from './ponder-patches.ts';

// Ponder's own cost is taken out by changing its code as it is loaded; these say that the code is still the one we know.

const files = [...new Set(ponderPatches.map(({ file }) => file))];

test.each(files)('%s is still the one that is patched, or the index would silently be slower', (file) => {
  const source = readFileSync(new URL(file, import.meta.resolve('ponder')), 'utf8');
  const patches = ponderPatches.filter((patch) => patch.file === file);
  const misfits: PonderPatch[] = [];
  const patched = patchSource(source, patches, (misfit) => misfits.push(misfit));
  expect(misfits).toEqual([]);
  for (const [, to] of patches.flatMap(({ edits }) => edits)) expect(patched).toContain(to);
});

test('a patch that fits no longer, or in two places, is left out whole and named', () => {
  const misfits: string[] = [];
  const patch = (name: string, ...edits: PonderPatch['edits']): PonderPatch => ({ name, file: 'a.js', edits });
  const source = patchSource(
    'one two two',
    [patch('gone', ['one', '1'], ['three', '3']), patch('ambiguous', ['two', '2']), patch('fits', ['one', '$&'])],
    ({ name }) => misfits.push(name),
  );
  expect(source).toBe('$& two two');
  expect(misfits).toEqual(['gone', 'ambiguous']);
});
