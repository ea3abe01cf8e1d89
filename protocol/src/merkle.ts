import { SimpleMerkleTree, StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { AbiCoder, keccak256 } from 'ethers';
import type { Hex } from './hex.ts';

/** A tree that cannot be built, or that does not hold what is asked of it. */
export class MerkleError extends Error {
  override readonly name = 'MerkleError';
}

/** A Merkle tree whose leaves are found by `Key`. The root does not depend on the order the leaves were given in. */
export type MerkleTree<Key> = {
  readonly root: Hex;
  /** Siblings from the leaf to the root. @throws MerkleError when the tree has no such leaf. */
  proofOf(key: Key): Hex[];
};

export type Reward = { readonly account: string; readonly cumulativeAmount: bigint };
export type VersionedContribution = { readonly contributionId: bigint; readonly contentHash: string };

const rewardTypes = ['uint256', 'address', 'address', 'uint256'];
const contributionTypes = ['uint256', 'bytes32'];

/**
 * What `RewardDistributor` pays against: every account with the wei of OPEN it has earned since the beginning.
 * @throws MerkleError without rewards, or when an account is there twice.
 * @example rewardTree(31337n, distributor, [{ account, cumulativeAmount: 10n }]).proofOf(account)
 */
export function rewardTree(chainId: bigint, distributor: string, rewards: readonly Reward[]): MerkleTree<string> {
  const index = indexBy(rewards, ({ account }) => account.toLowerCase(), 'account');
  const tree = StandardMerkleTree.of(
    rewards.map(({ account, cumulativeAmount }) => [chainId, distributor, account, cumulativeAmount]),
    rewardTypes,
  );
  return { root: tree.root as Hex, proofOf: (account) => tree.getProof(index(account.toLowerCase())) as Hex[] };
}

/** The leaf of one account, as `RewardDistributor.rewardLeaf` computes it. */
export function rewardLeaf(chainId: bigint, distributor: string, { account, cumulativeAmount }: Reward): Hex {
  return standardLeaf(rewardTypes, [chainId, distributor, account, cumulativeAmount]);
}

/** Whether `root` grants an account its amount on this chain and distributor. */
export function verifyReward(
  chainId: bigint,
  distributor: string,
  { account, cumulativeAmount }: Reward,
  proof: readonly string[],
  root: string,
): boolean {
  return StandardMerkleTree.verify(root, rewardTypes, [chainId, distributor, account, cumulativeAmount], [...proof]);
}

/**
 * The tree whose root a published datanet version carries (`DatanetVersionPublished.dataRoot`).
 * @throws MerkleError without contributions, or when one is there twice.
 */
export function datanetTree(contributions: readonly VersionedContribution[]): MerkleTree<bigint> {
  const index = indexBy(contributions, ({ contributionId }) => contributionId, 'contribution');
  const tree = StandardMerkleTree.of(
    contributions.map(({ contributionId, contentHash }) => [contributionId, contentHash]),
    contributionTypes,
  );
  return { root: tree.root as Hex, proofOf: (contributionId) => tree.getProof(index(contributionId)) as Hex[] };
}

/** The leaf of one contribution in a datanet version. */
export function contributionLeaf({ contributionId, contentHash }: VersionedContribution): Hex {
  return standardLeaf(contributionTypes, [contributionId, contentHash]);
}

/** Whether a datanet version with this root holds the contribution. */
export function verifyContribution(
  { contributionId, contentHash }: VersionedContribution,
  proof: readonly string[],
  root: string,
): boolean {
  return StandardMerkleTree.verify(root, contributionTypes, [contributionId, contentHash], [...proof]);
}

/**
 * The tree over the receipt hashes of one attribution batch (`AttributionBatchPosted.root`).
 * @throws MerkleError without receipts, or when one is there twice.
 */
export function receiptTree(receiptHashes: readonly string[]): MerkleTree<string> {
  const index = indexBy(receiptHashes, (hash) => hash.toLowerCase(), 'receipt');
  const tree = SimpleMerkleTree.of([...receiptHashes]);
  return { root: tree.root as Hex, proofOf: (hash) => tree.getProof(index(hash.toLowerCase())) as Hex[] };
}

/** Whether a batch with this root holds the receipt. */
export function verifyReceipt(receiptHash: string, proof: readonly string[], root: string): boolean {
  return SimpleMerkleTree.verify(root, receiptHash, [...proof]);
}

/** A leaf as OpenZeppelin's trees hash it: twice, so that no inner node can pass for one. */
function standardLeaf(types: readonly string[], values: readonly unknown[]): Hex {
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(types, values))) as Hex;
}

/** Finds a leaf's place by its key, and refuses an empty tree and a key that is there twice. */
function indexBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key, what: string): (key: Key) => number {
  if (items.length === 0) throw new MerkleError(`A Merkle tree needs at least one ${what}; there is none.`);
  const places = new Map<Key, number>();
  items.forEach((item, place) => {
    const key = keyOf(item);
    if (places.has(key)) throw new MerkleError(`The ${what} ${key} is in the tree twice; each may be there once.`);
    places.set(key, place);
  });
  return (key) => {
    const place = places.get(key);
    if (place === undefined) throw new MerkleError(`The tree holds no ${what} ${key}.`);
    return place;
  };
}
