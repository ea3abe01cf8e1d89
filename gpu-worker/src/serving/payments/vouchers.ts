import type { Hex } from '@openledger/protocol';
import { ApiError } from '../door/apiError.ts';
import type { Chain } from '../usage/chain.ts';
import type { SignedVoucher } from './signedVoucher.ts';
import { readVoucher } from './voucherHeader.ts';
import { type CallContract, checkSignature } from './voucherSignature.ts';

/** Reads vouchers from their headers and checks them. */
export type Vouchers = {
  /** @throws ApiError (400, 402 or 503) saying what is wrong. */
  readonly read: (header: string) => Promise<SignedVoucher>;
};

/** Headers whose signature was checked that are remembered: clients send the same one with many requests. */
const REMEMBERED = 1_000;

export const createVouchers = (options: { chain: Chain; worker: Hex; call: CallContract }): Vouchers => {
  const { chain, worker, call } = options;
  const checked = new Map<string, SignedVoucher>();
  return {
    read: async (header) => {
      const known = checked.get(header);
      if (known !== undefined) return known;
      const voucher = readVoucher(header);
      if (voucher.worker !== worker) {
        throw new ApiError(`The voucher is for worker ${voucher.worker}; this one is ${worker}.`, {
          status: 402,
          type: 'payment_required',
          code: 'voucher_for_another_worker',
        });
      }
      const isForGood = await checkSignature(voucher, chain, call);
      if (isForGood) checked.set(header, voucher);
      if (checked.size > REMEMBERED) checked.delete(checked.keys().next().value!);
      return voucher;
    },
  };
};
