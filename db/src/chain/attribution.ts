import { boolean, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { chain, hex, int8, provenance, uint256 } from './columns.ts';

/** An attribution method with its parameters, allowed by governance. */
export const algorithm = chain.table(
  'algorithm',
  {
    id: hex().primaryKey(),
    active: boolean().notNull(),
    uri: text().notNull(),
    uriHash: hex().notNull(),
    ...provenance,
  },
  (t) => [index('algorithm_created_idx').on(t.createdAt, t.id)],
);

export const attributionBatch = chain.table(
  'attribution_batch',
  {
    id: uint256().primaryKey(),
    worker: hex().notNull(),
    algorithmId: hex().notNull(),
    root: hex().notNull(),
    evidenceHash: hex().notNull(),
    uri: text().notNull(),
    requests: integer().notNull(),
    challengeDeadline: int8().notNull(),
    status: text().$type<'posted' | 'finalized' | 'revoked'>().notNull(),
    attributed: uint256().notNull(),
    unattributed: uint256().notNull(),
    /** The dispute that revoked it. */
    disputeId: uint256(),
    closedAt: int8(),
    ...provenance,
  },
  (t) => [
    index('attribution_batch_worker_idx').on(t.worker, t.id),
    index('attribution_batch_status_idx').on(t.status, t.id),
    index('attribution_batch_algorithm_idx').on(t.algorithmId, t.id),
    index('attribution_batch_deadline_idx').on(t.challengeDeadline, t.id),
    index('attribution_batch_attributed_idx').on(t.attributed, t.id),
  ],
);

/** One answer inside one batch: how its contributors' fee was divided. Outlives the batch's revocation. */
export const attributionRequest = chain.table(
  'attribution_request',
  {
    batchId: uint256().notNull(),
    requestId: hex().notNull(),
    modelId: uint256().notNull(),
    contributions: integer().notNull(),
    attributed: uint256().notNull(),
    unattributed: uint256().notNull(),
    status: text().$type<'posted' | 'final' | 'revoked'>().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.batchId, t.requestId] }),
    index('attribution_request_request_idx').on(t.requestId, t.batchId),
    index('attribution_request_created_idx').on(t.createdAt, t.batchId, t.requestId),
  ],
);

/** One contribution's part in one answer, in wei of OPEN; it pays once its batch is final. */
export const attribution = chain.table(
  'attribution',
  {
    batchId: uint256().notNull(),
    requestId: hex().notNull(),
    contributionId: uint256().notNull(),
    modelId: uint256().notNull(),
    datanetId: uint256().notNull(),
    contributor: hex().notNull(),
    amount: uint256().notNull(),
    /** Share of the contributors' fee of its request, parts per million, rounded down. */
    sharePpm: integer().notNull(),
    status: text().$type<'posted' | 'final' | 'revoked'>().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.batchId, t.requestId, t.contributionId] }),
    index('attribution_request_idx').on(t.requestId, t.amount, t.batchId, t.contributionId),
    index('attribution_contribution_idx').on(t.contributionId, t.createdAt, t.batchId, t.requestId),
    index('attribution_contributor_idx').on(t.contributor, t.createdAt, t.batchId, t.requestId, t.contributionId),
    index('attribution_datanet_idx').on(t.datanetId, t.createdAt, t.batchId, t.requestId, t.contributionId),
    index('attribution_model_idx').on(t.modelId, t.createdAt, t.batchId, t.requestId, t.contributionId),
    index('attribution_created_idx').on(t.createdAt, t.batchId, t.requestId, t.contributionId),
    index('attribution_amount_idx').on(t.amount, t.batchId, t.requestId, t.contributionId),
  ],
);
