import { index, integer, onchainTable, text } from 'ponder';
import { eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

export const epoch = onchainTable(
  'epoch',
  {
    id: uint256().primaryKey(),
    start: int8().notNull(),
    end: int8().notNull(),
    /** Wei of OPEN that became payable to contributors in it. */
    total: uint256().notNull(),
    status: text().$type<'closed' | 'proposed' | 'accepted'>().notNull(),
    /** The root proposed or accepted for it now. */
    root: hex(),
    ...provenance,
  },
  (t) => ({
    endIndex: index('epoch_end_idx').on(t.end, t.id),
    statusIndex: index('epoch_status_idx').on(t.status, t.id),
    totalIndex: index('epoch_total_idx').on(t.total, t.id),
  }),
);

export const rewardRoot = onchainTable(
  'reward_root',
  {
    ...eventProvenance,
    epochId: uint256().notNull(),
    root: hex().notNull(),
    ipfsHash: hex().notNull(),
    uri: text().notNull(),
    validAt: int8().notNull(),
    proposer: hex().notNull(),
    status: text().$type<'proposed' | 'revoked' | 'accepted'>().notNull(),
  },
  (t) => ({
    epochIndex: index('reward_root_epoch_idx').on(t.epochId, t.id),
    rootIndex: index('reward_root_root_idx').on(t.root, t.id),
    proposerIndex: index('reward_root_proposer_idx').on(t.proposer, t.id),
    statusIndex: index('reward_root_status_idx').on(t.status, t.id),
  }),
);

export const claim = onchainTable(
  'claim',
  {
    ...eventProvenance,
    account: hex().notNull(),
    amount: uint256().notNull(),
    cumulative: uint256().notNull(),
  },
  (t) => ({
    accountIndex: index('claim_account_idx').on(t.account, t.id),
    amountIndex: index('claim_amount_idx').on(t.amount, t.id),
  }),
);

/** What an account earned by final attributions and what it claimed of it. Wei of OPEN. */
export const rewardAccount = onchainTable(
  'reward_account',
  {
    account: hex().primaryKey(),
    attributed: uint256().notNull(),
    claimed: uint256().notNull(),
    claims: integer().notNull(),
    ...provenance,
  },
  (t) => ({
    attributedIndex: index('reward_account_attributed_idx').on(t.attributed, t.account),
    claimedIndex: index('reward_account_claimed_idx').on(t.claimed, t.account),
    createdIndex: index('reward_account_created_idx').on(t.createdAt, t.account),
  }),
);
