import type { Hex } from '@openledger/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../door/apiError.ts';
import { feeOf } from './price.ts';
import { readVoucher, writeVoucher } from './voucherHeader.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value): Hex => `0x${Buffer.from(value).toString('hex')}`);

test('property: a voucher is read from its header as it was written', () => {
  const voucher = fc.record({
    payer: hex(20),
    worker: hex(20),
    cumulativeAmount: fc.bigInt(0n, 2n ** 256n - 1n),
    expiry: fc.bigInt(0n, 253_402_300_799n),
    signature: fc.oneof(hex(65), hex(1), hex(2_048)),
  });
  fc.assert(
    fc.property(voucher, (each) => {
      expect(readVoucher(writeVoucher(each))).toEqual(each);
    }),
  );
});

test('property: whatever comes as a header is a voucher or refused with a reason', () => {
  const encoded = fc.json().map((json) => Buffer.from(json).toString('base64url'));
  fc.assert(
    fc.property(fc.oneof(fc.string(), encoded), (header) => {
      expect(() => readVoucher(header)).toThrow(ApiError);
    }),
  );
});

test('property: a fee is never less than its tokens cost, nor two wei more', () => {
  const price = fc.bigInt(0n, 10n ** 24n);
  const tokens = fc.nat(2 ** 31);
  fc.assert(
    fc.property(price, price, tokens, tokens, (inPer1k, outPer1k, inTokens, outTokens) => {
      const fee = feeOf({ inPer1k, outPer1k }, { inTokens, outTokens });
      const exact = inPer1k * BigInt(inTokens) + outPer1k * BigInt(outTokens);
      expect(fee * 1_000n >= exact && fee * 1_000n < exact + 2_000n).toBe(true);
    }),
  );
});
