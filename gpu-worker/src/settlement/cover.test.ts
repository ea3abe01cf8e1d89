import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { cover } from './cover.ts';

const answers = fc
  .array(fc.bigInt(1n, 10n ** 24n), { maxLength: 60 })
  .map((fees) => fees.map((fee, at) => ({ fee, requestId: `0x${at}` }) as unknown as Answer));
const wei = fc.bigInt(0n, 10n ** 25n);
const sumOf = (list: readonly Answer[]) => list.reduce((sum, { fee }) => sum + fee, 0n);

test('property: never more is taken than was promised and paid in, and what waits really does not fit', () => {
  fc.assert(
    fc.property(answers, wei, wei, wei, (list, promised, settled, balance) => {
      const { taken, waiting } = cover(list, { promised, settled, balance });
      const sum = sumOf(taken);
      expect(taken.length + waiting.length).toBe(list.length);
      expect(sum + sumOf(waiting.map(({ answer }) => answer))).toBe(sumOf(list));
      if (taken.length > 0) expect(settled + sum <= promised && sum <= balance).toBe(true);
      for (const { answer, lacks } of waiting) {
        expect(lacks === 'voucher' ? settled + sum + answer.fee > promised : sum + answer.fee > balance).toBe(true);
      }
    }),
  );
});
