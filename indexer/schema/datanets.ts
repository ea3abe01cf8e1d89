import { boolean, index, integer, onchainTable, primaryKey, text } from 'ponder';
import { count, hex, int8, provenance, uint256 } from './columns.ts';

export const datanet = onchainTable(
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
  (t) => ({
    ownerIndex: index('datanet_owner_idx').on(t.owner, t.id),
    statusIndex: index('datanet_status_idx').on(t.status, t.id),
    nameIndex: index('datanet_name_idx').on(t.name, t.id),
    contributionsIndex: index('datanet_contributions_idx').on(t.contributions, t.id),
    acceptedIndex: index('datanet_accepted_idx').on(t.accepted, t.id),
    rowsIndex: index('datanet_rows_idx').on(t.rows, t.id),
    attributedIndex: index('datanet_attributed_idx').on(t.attributed, t.id),
    updatedIndex: index('datanet_updated_idx').on(t.updatedAt, t.id),
  }),
);

export const datanetVersion = onchainTable(
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
  (t) => ({
    pk: primaryKey({ columns: [t.datanetId, t.version] }),
    createdIndex: index('datanet_version_created_idx').on(t.createdAt, t.datanetId, t.version),
    rootIndex: index('datanet_version_root_idx').on(t.dataRoot),
  }),
);

export const datanetValidator = onchainTable(
  'datanet_validator',
  {
    datanetId: uint256().notNull(),
    validator: hex().notNull(),
    active: boolean().notNull(),
    commits: count(),
    scores: count(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.datanetId, t.validator] }),
    validatorIndex: index('datanet_validator_validator_idx').on(t.validator, t.datanetId),
    createdIndex: index('datanet_validator_created_idx').on(t.createdAt, t.datanetId, t.validator),
  }),
);

export const datanetAccess = onchainTable(
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
  (t) => ({
    pk: primaryKey({ columns: [t.datanetId, t.grantee] }),
    granteeIndex: index('datanet_access_grantee_idx').on(t.grantee, t.datanetId),
    createdIndex: index('datanet_access_created_idx').on(t.createdAt, t.datanetId, t.grantee),
    updatedIndex: index('datanet_access_updated_idx').on(t.updatedAt, t.datanetId, t.grantee),
  }),
);

/** One contributor's standing in one datanet. */
export const datanetContributor = onchainTable(
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
  (t) => ({
    pk: primaryKey({ columns: [t.datanetId, t.contributor] }),
    contributorIndex: index('datanet_contributor_contributor_idx').on(t.contributor, t.datanetId),
    createdIndex: index('datanet_contributor_created_idx').on(t.createdAt, t.datanetId, t.contributor),
    acceptedIndex: index('datanet_contributor_accepted_idx').on(t.accepted, t.datanetId, t.contributor),
    attributedIndex: index('datanet_contributor_attributed_idx').on(t.attributed, t.datanetId, t.contributor),
    datanetAcceptedIndex: index('datanet_contributor_datanet_accepted_idx').on(t.datanetId, t.accepted, t.contributor),
    datanetAttributedIndex: index('datanet_contributor_datanet_attributed_idx').on(
      t.datanetId,
      t.attributed,
      t.contributor,
    ),
  }),
);
