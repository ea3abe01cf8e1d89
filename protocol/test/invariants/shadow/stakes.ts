import { id } from 'ethers';
import type { Hex } from '../call.ts';
import { internalOnly } from './governed.ts';
import type { Earning, StakeRecord } from './records.ts';
import {
  type Handlers,
  increase,
  move,
  notPaused,
  parameter,
  patch,
  put,
  refuse,
  type Shadow,
  spend,
  violate,
} from './state.ts';

export const roles = {
  contributor: id('CONTRIBUTOR') as Hex,
  validator: id('VALIDATOR') as Hex,
  worker: id('WORKER') as Hex,
  disputer: id('DISPUTER') as Hex,
};
/** Entitlements to fees are kept in wei times this. */
export const rewardScale = 10n ** 36n;

const earns = (stake: { role: Hex; bond: boolean }) =>
  !stake.bond && (stake.role === roles.validator || stake.role === roles.worker);

export function openStake(s: Shadow, account: Hex, role: Hex, amount: bigint, bond: boolean): bigint {
  const stakes = s.setting.addresses.StakeManager;
  const stakeId = BigInt(s.stakes.size + 1);
  put(s, s.stakes, stakeId, { account, role, bond, amount, pending: 0n, availableAt: 0n });
  patch(s, s.stakePool, { total: s.stakePool.total + amount });
  spend(s, account, stakes, stakes, amount);
  return stakeId;
}

export function releaseBond(s: Shadow, bondId: bigint, availableAt: bigint): void {
  const bond = s.stakes.get(bondId)!;
  patch(s, bond, { pending: bond.amount, availableAt });
}

/** Takes up to `amount` from a stake, the part that is not about to leave first. @return wei taken. */
export function slashStake(s: Shadow, stakeId: bigint, amount: bigint, beneficiary: Hex): bigint {
  const stake = s.stakes.get(stakeId);
  if (!stake) refuse(6, `stake ${stakeId} does not exist`);
  const taken = amount < stake.amount ? amount : stake.amount;
  if (taken === 0n) return 0n;
  change(s, stake, stake.amount - taken, stake.pending < stake.amount - taken ? stake.pending : stake.amount - taken);
  patch(s, s.stakePool, { total: s.stakePool.total - taken });
  move(s, s.setting.addresses.StakeManager, beneficiary, taken);
  return taken;
}

export const hasStakers = (s: Shadow) => s.stakePool.earning > 0n;

/** The stakers' part of fees has arrived: each wei belongs to the earning stakes in proportion. */
export function shareReward(s: Shadow, amount: bigint): void {
  const pool = s.stakePool;
  patch(s, pool, {
    index: pool.index + (amount * rewardScale) / pool.earning,
    notices: pool.notices + 1n,
    received: pool.received + amount,
  });
}

/** Brings an account's entitlement up to date. */
function settleEarning(s: Shadow, account: Hex): Earning {
  const pool = s.stakePool;
  const known = s.earnings.get(account);
  const earning = known ?? { stake: 0n, index: pool.index, notices: pool.notices, entitled: 0n, paid: 0n, slack: 0n };
  if (!known) put(s, s.earnings, account, earning);
  const notices = pool.notices - earning.notices;
  patch(s, earning, {
    entitled: earning.entitled + earning.stake * (pool.index - earning.index),
    slack: earning.slack + 1n + notices * (earning.stake / 10n ** 18n + 1n),
    index: pool.index,
    notices: pool.notices,
  });
  return earning;
}

function change(s: Shadow, stake: StakeRecord, amount: bigint, pending: bigint): void {
  const difference = amount - pending - (stake.amount - stake.pending);
  if (earns(stake)) earnMore(s, stake.account, difference);
  patch(s, stake, { amount, pending });
}

function earnMore(s: Shadow, account: Hex, difference: bigint): void {
  const earning = settleEarning(s, account);
  patch(s, earning, { stake: earning.stake + difference });
  patch(s, s.stakePool, { earning: s.stakePool.earning + difference });
}

function withdrawStake(s: Shadow, stakeId: bigint): void {
  const stake = s.stakes.get(stakeId);
  if (!stake) refuse(0, `stake ${stakeId} does not exist`);
  if (stake.pending === 0n) refuse(6, `nothing of stake ${stakeId} was asked for`);
  if (s.now < stake.availableAt) refuse(6, `stake ${stakeId} cools down until ${stake.availableAt}`);
  if ((s.frozenAccounts.get(stake.account) ?? 0n) + (s.frozenStakes.get(stakeId) ?? 0n) > 0n) {
    refuse(6, `stake ${stakeId} is frozen by a dispute`);
  }
  const amount = stake.pending;
  patch(s, stake, { pending: 0n, amount: stake.amount - amount });
  patch(s, s.stakePool, { total: s.stakePool.total - amount });
  move(s, s.setting.addresses.StakeManager, stake.account, amount);
}

export const stakeHandlers: Handlers = {
  stake(s, from, args) {
    const [role, , amount] = args as [Hex, bigint, bigint];
    notPaused(s, 'StakeManager');
    if (![roles.contributor, roles.validator, roles.worker].includes(role)) refuse(0, 'not a role to stake for');
    if (amount < parameter(s, 'StakeManager', 'MIN_STAKE')) refuse(0, 'less than the least stake');
    openStake(s, from, role, amount, false);
    if (earns({ role, bond: false })) earnMore(s, from, amount);
  },
  requestUnstake(s, from, args) {
    const [stakeId, amount] = args as [bigint, bigint];
    const stake = s.stakes.get(stakeId);
    if (!stake || stake.account !== from) refuse(6, `stake ${stakeId} is not the caller's`);
    if (stake.bond) refuse(6, `stake ${stakeId} is a bond`);
    if (amount > stake.amount) refuse(2, `stake ${stakeId} is smaller than that`);
    change(s, stake, stake.amount, amount);
    patch(s, stake, { availableAt: s.now + parameter(s, 'StakeManager', 'UNSTAKE_COOLDOWN') });
  },
  withdrawStake(s, _, args) {
    withdrawStake(s, args[0] as bigint);
  },
  withdrawStakes(s, _, args) {
    for (const stakeId of args[0] as readonly bigint[]) withdrawStake(s, stakeId);
  },
  /** The exact amount depends on how the contract rounds: it may fall short of the exact share by the slack, and never exceed it. */
  claimStakerReward(s, _, args) {
    const [account] = args as [Hex];
    const earning = settleEarning(s, account);
    const paid = (s.observed?.moves ?? []).reduce((sum, { amount }) => sum + amount, 0n);
    const owed = (earning.entitled - earning.paid * rewardScale) / rewardScale;
    if (paid > owed) violate(2, `${account} was paid ${paid} wei of stakers' fees, ${owed} were due`);
    if (s.observed?.success && paid + earning.slack < owed) {
      violate(0, `${account} was paid ${paid} wei of stakers' fees, ${owed} were due`);
    }
    patch(s, earning, { paid: earning.paid + paid });
    patch(s, s.stakePool, { paid: s.stakePool.paid + paid });
    if (paid > 0n) move(s, s.setting.addresses.StakeManager, account, paid);
  },
  lockBond: internalOnly(6),
  releaseBond: internalOnly(6),
  slash: internalOnly(6),
  freeze: internalOnly(6),
  unfreeze: internalOnly(6),
  setPenalty: internalOnly(6),
  notifyReward: internalOnly(2),
};

export function freeze(s: Shadow, account: Hex, bondId: bigint, by: 1n | -1n): void {
  increase(s, s.frozenAccounts, account, by);
  if (bondId !== 0n) increase(s, s.frozenStakes, bondId, by);
}
