import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PonderPatch, patchSource, ponderPatches } from './ponder-patches.ts';

// Ponder's own cost is taken out by changing its code as it is loaded; these say that the code is still the one we know.

const sourceOf = ({ file }: PonderPatch) => readFileSync(new URL(file, import.meta.resolve('ponder')), 'utf8');

test.each(ponderPatches)('$name fits the installed Ponder, or the index would silently be slower', (patch) => {
  const misfits: PonderPatch[] = [];
  const source = patchSource(sourceOf(patch), [patch], (misfit) => misfits.push(misfit));
  expect(misfits).toEqual([]);
  for (const [, to] of patch.edits) expect(source).toContain(to);
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
