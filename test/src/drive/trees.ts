import { SimpleMerkleTree, StandardMerkleTree } from '@openzeppelin/merkle-tree';
import type { Submitted } from './contributions.ts';
import type { Session } from './session.ts';

/** What one account may have claimed in all, wei of OPEN, with the proof that a root grants it. */
export type Grant = { readonly account: string; readonly cumulativeAmount: bigint; readonly proof: readonly string[] };

/** The root a datanet version is published with. */
export function dataTree(members: readonly Submitted[]): { readonly root: string } {
  const leaves = members.map(({ id, contentHash }) => [id, contentHash]);
  return { root: StandardMerkleTree.of(leaves, ['uint256', 'bytes32']).root };
}

/** The root an attribution batch is posted with, over the hashes of its answers' receipts. */
export function receiptsRoot(receiptHashes: readonly string[]): string {
  return SimpleMerkleTree.of([...receiptHashes]).root;
}

/** The reward root over cumulative amounts, and everybody's proof. */
export function rewardTree(
  session: Session,
  amounts: ReadonlyMap<string, bigint>,
): { readonly root: string; readonly grants: readonly Grant[] } {
  const distributor = session.address('RewardDistributor');
  const leaves = [...amounts].map(([account, amount]) => [session.manifest.chainId, distributor, account, amount]);
  const tree = StandardMerkleTree.of(leaves, ['uint256', 'address', 'address', 'uint256']);
  const grants = [...tree.entries()].map(([index, leaf]) => ({
    account: leaf[2] as string,
    cumulativeAmount: leaf[3] as bigint,
    proof: tree.getProof(index),
  }));
  return { root: tree.root, grants };
}
