import type { Hex } from '@openledger/protocol';

/** "Everything that this worker ever takes from me stays within this amount, until then": EIP-712 `Voucher`, signed. */
export type SignedVoucher = {
  readonly payer: Hex;
  readonly worker: Hex;
  /** Wei of OPEN. */
  readonly cumulativeAmount: bigint;
  /** Unix seconds. */
  readonly expiry: bigint;
  readonly signature: Hex;
};
