import type { Hex } from '../call.ts';
import { rewardLeaf, rootOf } from '../hashes.ts';
import { internalOnly } from './governed.ts';
import { type Handlers, move, notPaused, parameter, patch, put, refuse, type Shadow, zeroHash } from './state.ts';

function pendingProposal(s: Shadow, epochId: bigint) {
  const proposal = s.proposals.get(epochId);
  if (epochId === 0n || s.rewards.pendingEpoch !== epochId || !proposal)
    refuse(4, `no root waits for epoch ${epochId}`);
  return proposal;
}

/** The waiting root is taken back. */
export function revokeRoot(s: Shadow, epochId: bigint): void {
  pendingProposal(s, epochId);
  patch(s, s.rewards, { pendingEpoch: 0n });
}

export const rewardHandlers: Handlers = {
  closeEpoch(s) {
    const { rewards } = s;
    notPaused(s, 'RewardDistributor');
    if (s.now < rewards.lastEnd + parameter(s, 'RewardDistributor', 'EPOCH_LENGTH'))
      refuse(0, 'the epoch is too short');
    put(s, s.epochs, BigInt(s.epochs.size + 1), { cumulativeTotal: rewards.funded, earned: new Map(s.earned) });
    patch(s, rewards, { lastEnd: s.now });
  },
  proposeRoot(s, from, args) {
    const [epochId, root] = args as [bigint, Hex, Hex, string];
    notPaused(s, 'RewardDistributor');
    if (from !== s.setting.rootProposer) refuse(2, `${from} may not propose roots`);
    if (!s.epochs.has(epochId)) refuse(0, `epoch ${epochId} is not closed`);
    if (epochId <= s.rewards.acceptedEpoch) refuse(0, `epoch ${epochId} has its root`);
    if (s.rewards.pendingEpoch !== 0n) refuse(0, 'another root waits');
    if (root === zeroHash) refuse(0, 'an empty root');
    put(s, s.proposals, epochId, { root, validAt: s.now + parameter(s, 'RewardDistributor', 'ROOT_DELAY') });
    patch(s, s.rewards, { pendingEpoch: epochId });
  },
  revokeRoot(s, from, args) {
    const { guardian, timelock } = s.setting;
    if (from !== guardian && from !== timelock) refuse(4, `${from} may not revoke roots`);
    revokeRoot(s, args[0] as bigint);
  },
  acceptRoot(s, _, args) {
    const [epochId] = args as [bigint];
    notPaused(s, 'RewardDistributor');
    const { root, validAt } = pendingProposal(s, epochId);
    if (s.now < validAt) refuse(4, `the root waits until ${validAt}`);
    if (s.challengedRoots.get(root)) refuse(4, 'the root is disputed');
    patch(s, s.rewards, { pendingEpoch: 0n, acceptedEpoch: epochId, acceptedRoot: root });
  },
  claim(s, _, args) {
    const [account, cumulativeAmount, proof] = args as [Hex, bigint, readonly Hex[]];
    const { acceptedRoot, acceptedEpoch, claimedTotal } = s.rewards;
    const { chainId, addresses } = s.setting;
    if (acceptedRoot === zeroHash) refuse(4, 'no root is accepted');
    const leaf = rewardLeaf(chainId, addresses.RewardDistributor, account, cumulativeAmount);
    if (rootOf(leaf, proof) !== acceptedRoot) refuse(5, 'the root holds no such leaf for this chain and distributor');
    const before = s.claimed.get(account) ?? 0n;
    if (cumulativeAmount <= before) refuse(3, `${account} has claimed that already`);
    const amount = cumulativeAmount - before;
    if (amount > s.epochs.get(acceptedEpoch)!.cumulativeTotal - claimedTotal)
      refuse(2, 'more than the epochs brought in');
    put(s, s.claimed, account, cumulativeAmount);
    patch(s, s.rewards, { claimedTotal: claimedTotal + amount });
    move(s, addresses.RewardDistributor, account, amount);
  },
  notifyFunded: internalOnly(2),
  setChallenged: internalOnly(4),
};
