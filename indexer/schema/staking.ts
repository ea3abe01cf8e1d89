import { index, onchainTable, text } from 'ponder';
import { eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

/** A stake, or a bond another contract holds for an account. Wei of OPEN. */
export const stake = onchainTable(
  'stake',
  {
    id: uint256().primaryKey(),
    account: hex().notNull(),
    /** keccak256 of the role's name, as on chain. */
    roleId: hex().notNull(),
    role: text().$type<'contributor' | 'validator' | 'worker' | 'disputer' | 'other'>().notNull(),
    targetId: uint256().notNull(),
    /** What is still staked: staked − withdrawn − slashed. */
    amount: uint256().notNull(),
    staked: uint256().notNull(),
    withdrawn: uint256().notNull(),
    slashed: uint256().notNull(),
    pendingUnstake: uint256().notNull(),
    /** When the pending part can be withdrawn; zero while there is none. */
    availableAt: int8().notNull(),
    ...provenance,
  },
  (t) => ({
    accountIndex: index('stake_account_idx').on(t.account, t.id),
    roleIndex: index('stake_role_idx').on(t.role, t.id),
    roleTargetIndex: index('stake_role_target_idx').on(t.role, t.targetId, t.id),
    amountIndex: index('stake_amount_idx').on(t.amount, t.id),
    updatedIndex: index('stake_updated_idx').on(t.updatedAt, t.id),
  }),
);

export const slash = onchainTable(
  'slash',
  {
    ...eventProvenance,
    stakeId: uint256().notNull(),
    account: hex().notNull(),
    /** Zero when the stake was lost without a dispute. */
    disputeId: uint256().notNull(),
    amount: uint256().notNull(),
    beneficiary: hex().notNull(),
  },
  (t) => ({
    accountIndex: index('slash_account_idx').on(t.account, t.id),
    stakeIndex: index('slash_stake_idx').on(t.stakeId, t.id),
    disputeIndex: index('slash_dispute_idx').on(t.disputeId, t.id),
    beneficiaryIndex: index('slash_beneficiary_idx').on(t.beneficiary, t.id),
    amountIndex: index('slash_amount_idx').on(t.amount, t.id),
  }),
);

export const stakerReward = onchainTable(
  'staker_reward',
  { ...eventProvenance, account: hex().notNull(), amount: uint256().notNull() },
  (t) => ({
    accountIndex: index('staker_reward_account_idx').on(t.account, t.id),
    amountIndex: index('staker_reward_amount_idx').on(t.amount, t.id),
  }),
);
