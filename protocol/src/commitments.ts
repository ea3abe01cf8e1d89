import { AbiCoder, hexlify, keccak256, randomBytes } from 'ethers';
import type { Hex } from './hex.ts';

/** A validator's score of a contribution and where it counts. `score` is 1e18 fixed point, at most 1e18. */
export type BlindScore = {
  readonly chainId: bigint;
  readonly registry: string;
  readonly contributionId: bigint;
  readonly validator: string;
  readonly score: bigint;
  readonly evidenceHash: string;
  /** 32 secret random bytes: without them the score could be guessed from its commitment. */
  readonly salt: string;
};

/** What a validator commits to before it reveals its score, as `DatanetRegistry.scoreCommitment` computes it. */
export function scoreCommitment(blind: BlindScore): Hex {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'uint256', 'address', 'uint256', 'bytes32', 'bytes32'],
      [
        blind.chainId,
        blind.registry,
        blind.contributionId,
        blind.validator,
        blind.score,
        blind.evidenceHash,
        blind.salt,
      ],
    ),
  ) as Hex;
}

/** 32 fresh random bytes for one commitment. Keep them until the score is revealed. */
export function newSalt(): Hex {
  return hexlify(randomBytes(32)) as Hex;
}
