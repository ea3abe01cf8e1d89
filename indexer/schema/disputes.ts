import { index, onchainTable, text } from 'ponder';
import { count, eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

export const dispute = onchainTable(
  'dispute',
  {
    id: uint256().primaryKey(),
    initiator: hex().notNull(),
    targetType: text().$type<'contribution' | 'attribution_batch' | 'reward_root' | 'worker'>().notNull(),
    /** As on chain, 32 bytes: a number, a reward root, or an address left-padded with zeros. */
    targetId: hex().notNull(),
    /** What that id names; three of these four are null. */
    contributionId: uint256(),
    batchId: uint256(),
    root: hex(),
    worker: hex(),
    tag: hex().notNull(),
    evidenceHash: hex().notNull(),
    uri: text().notNull(),
    bond: uint256().notNull(),
    deadline: int8().notNull(),
    status: text().$type<'open' | 'upheld' | 'rejected' | 'expired'>().notNull(),
    slashed: uint256().notNull(),
    resolvedAt: int8(),
    counters: count(),
    ...provenance,
  },
  (t) => ({
    initiatorIndex: index('dispute_initiator_idx').on(t.initiator, t.id),
    statusIndex: index('dispute_status_idx').on(t.status, t.id),
    targetIndex: index('dispute_target_idx').on(t.targetType, t.targetId, t.id),
    contributionIndex: index('dispute_contribution_idx').on(t.contributionId, t.id),
    batchIndex: index('dispute_batch_idx').on(t.batchId, t.id),
    rootIndex: index('dispute_root_idx').on(t.root, t.id),
    workerIndex: index('dispute_worker_idx').on(t.worker, t.id),
    deadlineIndex: index('dispute_deadline_idx').on(t.deadline, t.id),
  }),
);

export const disputeCounter = onchainTable(
  'dispute_counter',
  {
    ...eventProvenance,
    disputeId: uint256().notNull(),
    by: hex().notNull(),
    evidenceHash: hex().notNull(),
    uri: text().notNull(),
  },
  (t) => ({
    disputeIndex: index('dispute_counter_dispute_idx').on(t.disputeId, t.id),
    byIndex: index('dispute_counter_by_idx').on(t.by, t.id),
  }),
);
