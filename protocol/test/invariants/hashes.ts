import { AbiCoder, keccak256 } from 'ethers';
import type { Hex } from './call.ts';

const coder = AbiCoder.defaultAbiCoder();

/** keccak256 of the ABI encoding, as Solidity's `keccak256(abi.encode(...))`. */
export const hash = (types: readonly string[], values: readonly unknown[]) =>
  keccak256(coder.encode(types, values)) as Hex;

/** What a validator commits to before it reveals its score. */
export function scoreCommitment(
  chainId: bigint,
  registry: Hex,
  contributionId: bigint,
  validator: Hex,
  score: bigint,
  evidenceHash: Hex,
  salt: Hex,
): Hex {
  return hash(
    ['uint256', 'address', 'uint256', 'address', 'uint256', 'bytes32', 'bytes32'],
    [chainId, registry, contributionId, validator, score, evidenceHash, salt],
  );
}

/** A request's id on chain: bound to chain, escrow, worker and payer. */
export function requestIdOf(chainId: bigint, escrow: Hex, worker: Hex, payer: Hex, nonce: Hex): Hex {
  return hash(['uint256', 'address', 'address', 'address', 'bytes32'], [chainId, escrow, worker, payer, nonce]);
}

/** A reward leaf as OpenZeppelin's StandardMerkleTree hashes it, twice. */
export function rewardLeaf(chainId: bigint, distributor: Hex, account: Hex, cumulativeAmount: bigint): Hex {
  return doubleHash(['uint256', 'address', 'address', 'uint256'], [chainId, distributor, account, cumulativeAmount]);
}

/** Any leaf of a StandardMerkleTree. */
export function doubleHash(types: readonly string[], values: readonly unknown[]): Hex {
  return keccak256(hash(types, values)) as Hex;
}

/** The root that a leaf and its proof lead to, the two children of each node in ascending order. */
export function rootOf(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce(
    (node, sibling) =>
      (node < sibling ? keccak256(`${node}${sibling.slice(2)}`) : keccak256(`${sibling}${node.slice(2)}`)) as Hex,
    leaf,
  );
}
