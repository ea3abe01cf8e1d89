import fc from 'fast-check';
import { expect, test } from 'vitest';
import { feeSplit } from '../test/arbitraries.ts';
import { splitFee, startingFeeSplit } from './fees.ts';

const sum = (parts: Readonly<Record<string, bigint>>) => Object.values(parts).reduce((total, part) => total + part, 0n);

test('the parts of every fee sum to the fee, and none is negative', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 27n }), feeSplit, fc.boolean(), (fee, split, hasStakers) => {
      const parts = splitFee(fee, split, hasStakers);
      expect(sum(parts)).toBe(fee);
      expect(Object.values(parts).every((part) => part >= 0n)).toBe(true);
    }),
  );
});

test('the starting split pays who PROTOCOL says, to the wei', () => {
  expect(splitFee(10_003n, startingFeeSplit, true)).toEqual({
    platform: 500n,
    model: 3_000n,
    worker: 2_500n,
    stakers: 500n,
    contributors: 3_503n,
  });
});

test('without stakers their part goes to the platform, not to nobody', () => {
  expect(splitFee(10_003n, startingFeeSplit, false)).toMatchObject({
    platform: 1_000n,
    stakers: 0n,
    contributors: 3_503n,
  });
});

test('a wrong fee or split is refused with what is wrong', () => {
  expect(() => splitFee(-1n, startingFeeSplit, true)).toThrowErrorMatchingInlineSnapshot(
    `[FeeError: A fee of -1 wei cannot be split: it must not be negative.]`,
  );
  expect(() => splitFee(1n, { ...startingFeeSplit, modelBps: 2_999 }, true)).toThrowErrorMatchingInlineSnapshot(
    `[FeeError: The parts of the fee sum to 9999 basis points: they must sum to 10000.]`,
  );
  expect(() => splitFee(1n, { ...startingFeeSplit, modelBps: 0.5 }, true)).toThrowErrorMatchingInlineSnapshot(
    `[FeeError: modelBps is 0.5: it must be a whole number of basis points between 0 and 10000.]`,
  );
});
