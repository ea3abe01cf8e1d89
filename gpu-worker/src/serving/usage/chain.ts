import type { Hex } from '@openledger/protocol';

/** The chain whose requests are recorded. */
export type Chain = {
  readonly chainId: bigint;
  /** Hash of block 0. */
  readonly genesisHash: Hex;
  /** Address of the InferenceEscrow contract, lower case. */
  readonly escrow: Hex;
};
