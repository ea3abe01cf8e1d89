import { datanetContributor, slash, stake, stakerReward } from 'ponder:schema';
import { record } from '../activity.ts';
import { constantName } from '../contracts.ts';
import { emptyStanding } from '../contributors.ts';
import { on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';

const roles = ['contributor', 'validator', 'worker', 'disputer'] as const;

on('StakeManager:RoleStaked', async (e) => {
  const { stakeId, account, role: roleId, targetId, amount } = e.args;
  await e.db.insert(stake).values({
    id: stakeId,
    account,
    roleId,
    role: roles.find((role) => role.toUpperCase() === constantName(roleId)) ?? 'other',
    targetId,
    amount,
    staked: amount,
    withdrawn: 0n,
    slashed: 0n,
    pendingUnstake: 0n,
    availableAt: 0n,
    ...created(e),
  });
  return record(e, { protocol: { staked: amount } });
});

/** Replaces an earlier request; zero takes it back. */
on('StakeManager:UnstakeRequested', async (e) => {
  const { stakeId, amount, availableAt } = e.args;
  await e.db
    .update(stake, { id: stakeId })
    .set({ pendingUnstake: amount, availableAt: amount === 0n ? 0n : availableAt, ...updated(e) });
  return record(e);
});

on('StakeManager:StakeWithdrawn', async (e) => {
  const { stakeId, amount } = e.args;
  await e.db.update(stake, { id: stakeId }).set((row) => ({
    amount: row.amount - amount,
    withdrawn: row.withdrawn + amount,
    pendingUnstake: 0n,
    availableAt: 0n,
    ...updated(e),
  }));
  return record(e);
});

/** What is slashed beyond the part that stays comes out of the part that was leaving. */
on('StakeManager:Slashed', async (e) => {
  const { stakeId, account, disputeId, amount, beneficiary } = e.args;
  await e.db.insert(slash).values({ ...stamped(e), stakeId, account, disputeId, amount, beneficiary });
  await e.db.update(stake, { id: stakeId }).set((row) => {
    const left = row.amount - amount;
    const pendingUnstake = row.pendingUnstake < left ? row.pendingUnstake : left;
    return {
      amount: left,
      slashed: row.slashed + amount,
      pendingUnstake,
      availableAt: pendingUnstake === 0n ? 0n : row.availableAt,
      ...updated(e),
    };
  });
  return record(e, { protocol: { slashed: amount } });
});

on('StakeManager:StakerRewardPaid', async (e) => {
  await e.db.insert(stakerReward).values({ ...stamped(e), account: e.args.account, amount: e.args.amount });
  return record(e);
});

on('StakeManager:PenaltyUpdated', async (e) => {
  const { datanetId, contributor, newScore: penalty } = e.args;
  await e.db
    .insert(datanetContributor)
    .values({ datanetId, contributor, ...emptyStanding, penalty, ...created(e) })
    .onConflictDoUpdate({ penalty, ...updated(e) });
  return record(e);
});
