import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';
import type { Hex } from '../call.ts';
import { doubleHash, rewardLeaf } from '../hashes.ts';
import type { EpochRecord } from '../shadow/records.ts';
import { call, elsewhere, find, type Plan, type RewardTree, type World } from '../world.ts';

/**
 * The cumulative tree of an epoch. Beside the honest leaves stand ones of another chain, another distributor, or without
 * one of the two: none of them may ever pay here. A greedy tree grants too much.
 */
function growTree(w: World, { earned }: EpochRecord, greedy: boolean): RewardTree {
  const { chainId, addresses } = w.stage.setting;
  const distributor = addresses.RewardDistributor;
  const accounts = [...earned].filter(([, amount]) => amount > 0n);
  const percent = greedy ? w.random.pick([101n, 120n, 200n, 1_000n]) : 100n;
  const honest = accounts.map(([account, amount]) => {
    const cumulativeAmount = (amount * percent) / 100n;
    return { account, cumulativeAmount, leaf: rewardLeaf(chainId, distributor, account, cumulativeAmount) };
  });
  const [thief] = w.stage.cast.outsiders as [Hex];
  const foreign = [1n, 10n ** 15n].flatMap((step) => {
    const cumulativeAmount = (w.shadow.claimed.get(thief) ?? 0n) + step;
    return [
      rewardLeaf(elsewhere.chainId, distributor, thief, cumulativeAmount),
      rewardLeaf(chainId, elsewhere.contract, thief, cumulativeAmount),
      doubleHash(['address', 'address', 'uint256'], [distributor, thief, cumulativeAmount]),
      doubleHash(['uint256', 'address', 'uint256'], [chainId, thief, cumulativeAmount]),
    ].map((leaf) => ({ account: thief, cumulativeAmount, leaf }));
  });
  const leaves = [...honest, ...foreign];
  return { leaves, tree: SimpleMerkleTree.of(leaves.map(({ leaf }) => leaf)) };
}

export const rewardPlans: readonly Plan[] = [
  {
    name: 'close an epoch',
    weight: 4,
    make(w) {
      const length = w.shadow.parameters.get('RewardDistributor.EPOCH_LENGTH') ?? 0n;
      if (w.shadow.now < w.shadow.rewards.lastEnd + length && w.random.chance(0.8)) return undefined;
      return call('RewardDistributor', 'closeEpoch', w.random.pick(w.stage.cast.everyone), []);
    },
  },
  {
    name: 'propose a reward root',
    weight: 9,
    make(w) {
      const { random, shadow } = w;
      if (shadow.rewards.pendingEpoch !== 0n && random.chance(0.9)) return undefined;
      const closed = find(
        w,
        shadow.epochs,
        (epoch, epochId) => epochId > shadow.rewards.acceptedEpoch && epoch.earned.size > 0,
      );
      if (!closed) return undefined;
      const latest = random.chance(0.8) ? BigInt(shadow.epochs.size) : closed[0];
      const grown = growTree(w, shadow.epochs.get(latest)!, random.chance(0.15));
      const root = grown.tree.root as Hex;
      w.trees.set(root, grown);
      const from = random.chance(0.95) ? w.stage.cast.rootProposer : random.pick(w.stage.cast.everyone);
      return call('RewardDistributor', 'proposeRoot', from, [latest, root, random.bytes32(), 'ipfs://tree']);
    },
  },
  {
    name: 'accept or revoke a reward root',
    weight: 11,
    make(w) {
      const { random, shadow } = w;
      const epochId = shadow.rewards.pendingEpoch;
      if (epochId === 0n && random.chance(0.95)) return undefined;
      if (random.chance(0.08)) {
        const from = random.pick([w.stage.cast.guardian, w.stage.cast.timelock, ...w.stage.cast.outsiders]);
        return call('RewardDistributor', 'revokeRoot', from, [epochId]);
      }
      const early = (shadow.proposals.get(epochId)?.validAt ?? 0n) > shadow.now;
      if (early && random.chance(0.8)) return undefined;
      return call('RewardDistributor', 'acceptRoot', random.pick(w.stage.cast.everyone), [epochId]);
    },
  },
  {
    name: 'claim',
    weight: 18,
    make(w) {
      const { random, shadow } = w;
      const accepted = w.trees.get(shadow.rewards.acceptedRoot);
      const older = random.chance(0.05) ? find(w, w.trees, () => true)?.[1] : undefined;
      const grown = older ?? accepted;
      if (!grown) return undefined;
      const due = grown.leaves.filter(({ account, cumulativeAmount }) => {
        return account !== w.stage.cast.outsiders[0] && cumulativeAmount > (shadow.claimed.get(account) ?? 0n);
      });
      const foreign = random.chance(0.35) || due.length === 0;
      const { account, cumulativeAmount, leaf } = random.pick(foreign ? grown.leaves : due);
      const greedy = random.chance(0.04) ? 1n : 0n;
      const args = [account, cumulativeAmount + greedy, grown.tree.getProof(leaf)];
      const hostile = foreign || greedy > 0n || older !== undefined;
      return call('RewardDistributor', 'claim', random.pick(w.stage.cast.everyone), args, hostile);
    },
  },
];
