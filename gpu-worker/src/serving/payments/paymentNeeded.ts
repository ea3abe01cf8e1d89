import type { Hex } from '@openledger/protocol';
import { ApiError } from '../door/apiError.ts';

type Needed = {
  readonly why: string;
  readonly payer: Hex;
  readonly worker: Hex;
  readonly escrow: Hex;
  readonly cumulativeAmount: bigint;
  readonly balance: bigint;
};

/** 402: what a payer has to sign or to deposit. @param earliest Unix seconds: the earliest end that a voucher may have. */
export const paymentNeeded = (
  code: 'voucher_missing' | 'voucher_expired' | 'voucher_too_low' | 'balance_too_low',
  { why, payer, worker, escrow, cumulativeAmount, balance }: Needed,
  earliest: number,
): ApiError => {
  const todo =
    code === 'balance_too_low'
      ? 'Deposit more.'
      : `Send a voucher for worker ${worker} over at least ${cumulativeAmount} wei in all, that lasts until ${earliest} (Unix seconds) or longer, in the header OpenLedger-Voucher.`;
  return new ApiError(`${why} ${todo}`, {
    status: 402,
    type: 'payment_required',
    code,
    payment: {
      payer,
      worker,
      escrow,
      cumulativeAmount: `${cumulativeAmount}`,
      expiry: `${earliest}`,
      balance: `${balance}`,
    },
  });
};
