import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paymentOf } from './payment.ts';

const division = fc
  .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 64 })
  .chain((ids) =>
    fc.tuple(
      fc.constant(ids.sort((a, b) => a - b)),
      fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 65, maxLength: 65 }),
    ),
  )
  .map(([ids, weights]) => {
    const own = weights.slice(0, ids.length);
    const sum = own.reduce((all, each) => all + each, weights[64]!);
    const shares = ids.flatMap((id, at) => {
      const ppm = Math.floor((own[at]! / sum) * 1_000_000);
      return ppm === 0 ? [] : [{ contributionId: `${id}`, ppm }];
    });
    return { shares, unattributedPpm: 1_000_000 - shares.reduce((all, { ppm }) => all + ppm, 0) };
  });
const wei = fc.bigInt(0n, 10n ** 27n);

test('property: every wei of the part goes somewhere, and nobody gets a whole wei more or less than their share', () => {
  fc.assert(
    fc.property(wei, division, (part, receipt) => {
      const { contributionIds, amounts, unattributed } = paymentOf(part, receipt, () => true);
      expect(amounts.reduce((sum, amount) => sum + amount, unattributed)).toBe(part);
      const got = new Map(contributionIds.map((id, at) => [`${id}`, amounts[at]!]));
      for (const { contributionId, ppm } of receipt.shares) {
        const exact = part * BigInt(ppm);
        const off = (got.get(contributionId) ?? 0n) * 1_000_000n - exact;
        expect(off > -1_000_000n && off < 1_000_000n).toBe(true);
      }
      expect(contributionIds.every((id, at) => at === 0 || id > contributionIds[at - 1]!)).toBe(true);
      expect(amounts.every((amount) => amount > 0n)).toBe(true);
    }),
  );
});

test('property: what a contribution that left would have got is nobody’s, and changes nobody else’s', () => {
  fc.assert(
    fc.property(wei, division, fc.integer({ min: 1, max: 10_000 }), (part, receipt, gone) => {
      const all = paymentOf(part, receipt, () => true);
      const rest = paymentOf(part, receipt, (id) => id !== BigInt(gone));
      const lost = all.amounts.filter((_, at) => all.contributionIds[at] === BigInt(gone)).reduce((a, b) => a + b, 0n);
      expect(rest.unattributed).toBe(all.unattributed + lost);
      expect(rest.amounts).toEqual(all.amounts.filter((_, at) => all.contributionIds[at] !== BigInt(gone)));
    }),
  );
});

test('a wei that is left goes to the largest remainder, of equal ones to the lowest contribution, to nobody last', () => {
  const thirds = {
    shares: [
      { contributionId: '3', ppm: 333_333 },
      { contributionId: '9', ppm: 333_333 },
    ],
    unattributedPpm: 333_334,
  };
  expect(paymentOf(10n, thirds, () => true)).toEqual({
    contributionIds: [3n, 9n],
    amounts: [3n, 3n],
    unattributed: 4n,
  });
  const halves = { shares: [{ contributionId: '5', ppm: 500_000 }], unattributedPpm: 500_000 };
  expect(paymentOf(1n, halves, () => true)).toEqual({ contributionIds: [5n], amounts: [1n], unattributed: 0n });
  expect(paymentOf(0n, halves, () => true)).toEqual({ contributionIds: [], amounts: [], unattributed: 0n });
});
