import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logarithm } from './logarithm.ts';

it('is the logarithm to 4 units in the last place', () => {
  const quotients = fc.tuple(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 31 }));
  fc.assert(
    fc.property(quotients, ([a, b]) => {
      const expected = Math.log(a / b);
      expect(Math.abs(logarithm(a / b) - expected)).toBeLessThanOrEqual(
        4 * Number.EPSILON * Math.max(1, Math.abs(expected)),
      );
    }),
    { numRuns: 2_000 },
  );
  expect(logarithm(1)).toBe(0);
});
