import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ratio } from './ratio.ts';

test.each([
  [2n, 3n, '0.666667'],
  [1n, 3n, '0.333333'],
  [1n, 2_000_000n, '0.000001'],
  [-1n, 2_000_000n, '-0.000001'],
  [-1n, 3_000_000n, '0.000000'],
  [7n, 7n, '1.000000'],
  [2n ** 300n, 2n ** 299n, '2.000000'],
])('%s ÷ %s is %s', (n, d, expected) => {
  expect(ratio(n, d)).toBe(expected);
});

test('dividing by zero gives nothing', () => {
  expect(ratio(5n, 0n)).toBeNull();
});

test('a ratio is never further from the truth than half of its last digit', () => {
  const integer = fc.bigInt({ min: 0n, max: 2n ** 300n });
  fc.assert(
    fc.property(integer, integer, (n, d) => {
      if (d === 0n) return;
      const shown = BigInt(ratio(n, d)!.replace('.', ''));
      const error = shown * d - n * 1_000_000n;
      expect((error < 0n ? -error : error) * 2n <= d).toBe(true);
    }),
  );
});
