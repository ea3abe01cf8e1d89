import { index, text } from 'drizzle-orm/pg-core';
import { chain, count, eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

export const dispute = chain.table(
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
  (t) => [
    index('dispute_initiator_idx').on(t.initiator, t.id),
    index('dispute_status_idx').on(t.status, t.id),
    index('dispute_target_idx').on(t.targetType, t.targetId, t.id),
    index('dispute_contribution_idx').on(t.contributionId, t.id),
    index('dispute_batch_idx').on(t.batchId, t.id),
    index('dispute_root_idx').on(t.root, t.id),
    index('dispute_worker_idx').on(t.worker, t.id),
    index('dispute_deadline_idx').on(t.deadline, t.id),
  ],
);

export const disputeCounter = chain.table(
  'dispute_counter',
  {
    ...eventProvenance,
    disputeId: uint256().notNull(),
    by: hex().notNull(),
    evidenceHash: hex().notNull(),
    uri: text().notNull(),
  },
  (t) => [index('dispute_counter_dispute_idx').on(t.disputeId, t.id), index('dispute_counter_by_idx').on(t.by, t.id)],
);
