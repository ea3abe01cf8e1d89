import type { Hex } from '@openledger/protocol';

/** An answer that was given for a fee and is not known to be settled. */
export type Answer = {
  readonly requestId: Hex;
  /** What the request's id on chain is made of. */
  readonly nonce: Hex;
  readonly modelId: bigint;
  readonly version: number;
  readonly inTokens: number;
  readonly outTokens: number;
  /** Wei of OPEN. */
  readonly fee: bigint;
  readonly outputHash: Hex;
  /** Unix seconds. */
  readonly endedAt: number;
};

/** The oldest answers of a payer, and the voucher that they are settled against. */
export type Due = {
  readonly payer: Hex;
  /** Wei of OPEN that the voucher promises in all. */
  readonly cumulativeAmount: bigint;
  /** Unix seconds. */
  readonly expiry: bigint;
  readonly signature: Hex;
  /** The oldest first. */
  readonly answers: readonly Answer[];
};
