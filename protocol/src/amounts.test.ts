import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uint } from '../test/arbitraries.ts';
import { formatOpen, parseOpen } from './amounts.ts';

test('an amount that is shown and typed in again is the same to the wei', () => {
  fc.assert(
    fc.property(uint(256), (wei) => {
      expect(parseOpen(formatOpen(wei))).toBe(wei);
    }),
  );
});

test.each([
  [0n, '0'],
  [1n, '0.000000000000000001'],
  [1_500_000_000_000_000_000n, '1.5'],
  [10n ** 27n, '1000000000'],
  [-25n * 10n ** 16n, '-0.25'],
])('%s wei is shown as %s', (wei, text) => {
  expect(formatOpen(wei)).toBe(text);
});

test.each([
  '',
  ' 1',
  '1e3',
  '-1',
  '+1',
  '1,5',
  '1.',
  '.5',
  '0x10',
  '1.0000000000000000001',
  '١',
])('what is not plainly an amount is refused rather than guessed: %j', (text) => {
  expect(() => parseOpen(text)).toThrow(
    `${JSON.stringify(text)} is not an amount of OPEN: write digits with up to 18 decimals, for example 12.5.`,
  );
});
