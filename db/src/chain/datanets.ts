import { boolean, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { chain, count, hex, int8, provenance, uint256 } from './columns.ts';

export const datanet = chain.table(
  'datanet',
  {
    id: uint256().primaryKey(),
    owner: hex().notNull(),
    /** At most 200 characters of it; the activity log has it all. */
    name: text().notNull(),
    uri: text().notNull(),
    uriHash: hex().notNull(),
    visibility: text().$type<'public' | 'private'>().notNull(),
    status: text().$type<'active' | 'paused' | 'archived'>().notNull(),
    minBond: uint256().notNull(),
    /** 1e18 fixed point. */
    scoreThreshold: uint256().notNull(),
    quorum: integer().notNull(),
    /** Seconds. */
    reviewWindow: int8().notNull(),
    contributions: count(),
    pending: count(),
    accepted: count(),
    rejected: count(),
    revoked: count(),
    contributors: count(),
    /** Rows of accepted contributions. */
    rows: uint256().notNull(),
    latestVersion: count(),
    /** Model versions trained on it. */
    trainings: count(),
    /** Wei of OPEN that final attribution batches gave to its contributions. */
    attributed: uint256().notNull(),
    ...provenance,
  },
  (t) => [
    index('datanet_owner_idx').on(t.owner, t.id),
    index('datanet_status_idx').on(t.status, t.id),
    index('datanet_name_idx').on(t.name, t.id),
    index('datanet_contributions_idx').on(t.contributions, t.id),
    index('datanet_accepted_idx').on(t.accepted, t.id),
    index('datanet_rows_idx').on(t.rows, t.id),
    index('datanet_attributed_idx').on(t.attributed, t.id),
    index('datanet_updated_idx').on(t.updatedAt, t.id),
  ],
);

export const datanetVersion = chain.table(
  'datanet_version',
  {
    datanetId: uint256().notNull(),
    version: integer().notNull(),
    dataRoot: hex().notNull(),
    contributions: uint256().notNull(),
    rows: uint256().notNull(),
    uri: text().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.datanetId, t.version] }),
    index('datanet_version_created_idx').on(t.createdAt, t.datanetId, t.version),
    index('datanet_version_root_idx').on(t.dataRoot),
  ],
);

export const datanetValidator = chain.table(
  'datanet_validator',
  {
    datanetId: uint256().notNull(),
    validator: hex().notNull(),
    active: boolean().notNull(),
    commits: count(),
    scores: count(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.datanetId, t.validator] }),
    index('datanet_validator_validator_idx').on(t.validator, t.datanetId),
    index('datanet_validator_created_idx').on(t.createdAt, t.datanetId, t.validator),
  ],
);

export const datanetAccess = chain.table(
  'datanet_access',
  {
    datanetId: uint256().notNull(),
    grantee: hex().notNull(),
    status: text().$type<'requested' | 'granted' | 'revoked'>().notNull(),
    purpose: text().notNull(),
    /** Zero until granted. */
    expiresAt: uint256().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.datanetId, t.grantee] }),
    index('datanet_access_grantee_idx').on(t.grantee, t.datanetId),
    index('datanet_access_created_idx').on(t.createdAt, t.datanetId, t.grantee),
    index('datanet_access_updated_idx').on(t.updatedAt, t.datanetId, t.grantee),
  ],
);

/** One contributor's standing in one datanet. */
export const datanetContributor = chain.table(
  'datanet_contributor',
  {
    datanetId: uint256().notNull(),
    contributor: hex().notNull(),
    submitted: count(),
    accepted: count(),
    rejected: count(),
    revoked: count(),
    rows: uint256().notNull(),
    /** 1e18 fixed point; raised by upheld disputes. */
    penalty: uint256().notNull(),
    attributed: uint256().notNull(),
    /** Zero before its first submission. */
    lastSubmittedAt: int8().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.datanetId, t.contributor] }),
    index('datanet_contributor_contributor_idx').on(t.contributor, t.datanetId),
    index('datanet_contributor_created_idx').on(t.createdAt, t.datanetId, t.contributor),
    index('datanet_contributor_accepted_idx').on(t.accepted, t.datanetId, t.contributor),
    index('datanet_contributor_attributed_idx').on(t.attributed, t.datanetId, t.contributor),
    index('datanet_contributor_datanet_accepted_idx').on(t.datanetId, t.accepted, t.contributor),
    index('datanet_contributor_datanet_attributed_idx').on(t.datanetId, t.attributed, t.contributor),
  ],
);
