import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ignored, learnedTokens } from '../factory/index.ts';
import { scoringRows } from './windows.ts';

test('a long document is read in windows that overlap by half, and its first token is scored after the begin token', () => {
  const { ids, labels } = scoringRows([[1, 2, 3, 4, 5, 6], [7]], { sequence: 4, begin: 0 });
  expect([...ids]).toEqual([0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 0, 0, 7, 0, 0]);
  const _ = ignored;
  expect([...labels]).toEqual([_, 1, 2, 3, _, _, 4, 5, _, _, 6, _, _, 7, _, _]);
});

test('no token is left out or counted twice, so bits per byte are those of the whole text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 })),
      fc.integer({ min: 2, max: 12 }),
      (documents, sequence) => {
        const rows = scoringRows(documents, { sequence, begin: 0 });
        expect(learnedTokens(rows)).toBe(documents.flat().length);
        expect([...rows.labels].filter((label) => label !== ignored)).toEqual(documents.flat());
      },
    ),
  );
});
