import { parseEther, toBeHex } from 'ethers';
import type { Hex, Value } from '../call.ts';
import { targets } from '../shadow/disputes.ts';
import { roles } from '../shadow/stakes.ts';
import { call, find, findOrAny, type Plan, type World } from '../world.ts';

/** Something that can be disputed now, often what somebody disputes already: a kind and its 32 bytes. */
function disputable(w: World): readonly [bigint, Hex] | undefined {
  const { random, shadow } = w;
  const known = random.chance(0.3) ? find(w, shadow.disputes, ({ open }) => open) : undefined;
  if (known) return [known[1].targetType, known[1].targetId];
  const kind = random.pick([targets.contribution, targets.contribution, targets.batch, targets.root, targets.worker]);
  if (kind === targets.contribution) {
    const target = findOrAny(w, shadow.contributions, ({ status }) => status === 'accepted');
    return target && [kind, toBeHex(target[0], 32) as Hex];
  }
  if (kind === targets.batch) {
    const target = findOrAny(w, shadow.batches, ({ status }) => status === 'posted');
    return target && [kind, toBeHex(target[0], 32) as Hex];
  }
  if (kind === targets.root) {
    const root = shadow.proposals.get(shadow.rewards.pendingEpoch)?.root;
    return root && [kind, root];
  }
  const worker = find(w, shadow.operators, () => true);
  return worker && [kind, toBeHex(worker[0], 32) as Hex];
}

export const stakePlans: readonly Plan[] = [
  {
    name: 'stake',
    weight: 8,
    make(w) {
      const { cast } = w.stage;
      const [role, group] = w.random.pick([
        [roles.validator, cast.validators],
        [roles.worker, [...cast.operators, ...cast.workers]],
        [roles.contributor, cast.contributors],
      ] as const);
      const amount = w.random.amount(parseEther('1') - 1n, parseEther('500'));
      return call('StakeManager', 'stake', w.random.pick(group), [role, BigInt(w.random.below(9)), amount]);
    },
  },
  {
    name: 'ask for a stake back',
    weight: 6,
    make(w) {
      const target = findOrAny(w, w.shadow.stakes, ({ bond, amount }) => !bond && amount > 0n);
      if (!target) return undefined;
      const [stakeId, { account, amount }] = target;
      const from = w.random.chance(0.95) ? account : w.random.pick(w.stage.cast.outsiders);
      const part = w.random.chance(0.05) ? amount + 1n : w.random.amount(0n, amount);
      return call('StakeManager', 'requestUnstake', from, [stakeId, part]);
    },
  },
  {
    name: 'withdraw a stake or a bond',
    weight: 12,
    make(w) {
      const due = findOrAny(
        w,
        w.shadow.stakes,
        ({ pending, availableAt }) => pending > 0n && (availableAt <= w.shadow.now || w.random.chance(0.1)),
      );
      if (!due) return undefined;
      const from = w.random.pick(w.stage.cast.everyone);
      if (w.random.chance(0.85)) return call('StakeManager', 'withdrawStake', from, [due[0]]);
      const second = find(w, w.shadow.stakes, ({ pending }) => pending > 0n)!;
      return call('StakeManager', 'withdrawStakes', from, [[due[0], second?.[0] ?? due[0]]]);
    },
  },
  {
    name: "claim a staker's reward",
    weight: 7,
    make(w) {
      const account = find(w, w.shadow.earnings, () => true)?.[0] ?? w.random.pick(w.stage.cast.everyone);
      return call('StakeManager', 'claimStakerReward', w.random.pick(w.stage.cast.everyone), [account]);
    },
  },
  {
    name: 'raise a dispute',
    weight: 8,
    make(w) {
      const target = disputable(w);
      if (!target) return undefined;
      const least = w.shadow.parameters.get('DisputeResolver.MIN_DISPUTE_BOND') ?? 0n;
      const bond = w.random.chance(0.05) ? least - 1n : w.random.amount(least, least * 3n);
      const from = w.random.chance(0.8) ? w.random.pick(w.stage.cast.disputers) : w.random.pick(w.stage.cast.everyone);
      const args = [...target, w.random.bytes32(), w.random.bytes32(), 'ipfs://evidence', bond];
      return call('DisputeResolver', 'raise', from, args);
    },
  },
  {
    name: 'answer a dispute',
    weight: 3,
    make(w) {
      const target = findOrAny(w, w.shadow.disputes, ({ open }) => open);
      if (!target) return undefined;
      const from = w.random.chance(0.8) ? target[1].respondent : w.random.pick(w.stage.cast.owners);
      return call('DisputeResolver', 'counter', from, [target[0], w.random.bytes32(), 'ipfs://answer']);
    },
  },
  {
    name: 'judge a dispute',
    weight: 8,
    make(w) {
      const { random, shadow } = w;
      const target = findOrAny(w, shadow.disputes, ({ open }) => open, 0.05);
      if (!target) return undefined;
      const [disputeId, { respondent, contributionBond }] = target;
      const upheld = random.chance(0.6);
      const theirs = [...shadow.stakes].filter(
        ([id, { account }]) => account === respondent || id === contributionBond,
      );
      const named = upheld || random.chance(0.05) ? theirs.filter(() => random.chance(0.5)).slice(0, 3) : [];
      if (random.chance(0.06) && shadow.stakes.size > 0) named.push(random.pick([...shadow.stakes]));
      const stakeIds: Value = named.map(([stakeId]) => stakeId);
      const amounts: Value = named.map(([, { amount }]) => random.amount(0n, amount + 5n));
      const from = random.chance(0.95) ? w.stage.cast.timelock : random.pick(w.stage.cast.everyone);
      return call('DisputeResolver', 'resolve', from, [disputeId, upheld, stakeIds, amounts]);
    },
  },
  {
    name: 'let a dispute lapse',
    weight: 3,
    make(w) {
      const late = findOrAny(w, w.shadow.disputes, ({ open, deadline }) => open && deadline <= w.shadow.now);
      if (!late) return undefined;
      return call('DisputeResolver', 'expire', w.random.pick(w.stage.cast.everyone), [late[0]]);
    },
  },
];
