import { AbiCoder, keccak256 } from 'ethers';
import type { Hex } from './hex.ts';

/** One paid request. `nonce` (32 bytes) is the worker's own id of it. */
export type Request = {
  readonly chainId: bigint;
  readonly escrow: string;
  readonly worker: string;
  readonly payer: string;
  readonly nonce: string;
};

/**
 * A request's id on chain, as `InferenceEscrow.requestIdOf` computes it. It binds chain, escrow, worker and payer, so
 * nobody else can settle, and thereby block, an id of this worker's.
 */
export function requestIdOf({ chainId, escrow, worker, payer, nonce }: Request): Hex {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'address', 'address', 'bytes32'],
      [chainId, escrow, worker, payer, nonce],
    ),
  ) as Hex;
}
