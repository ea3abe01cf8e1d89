import { index, onchainTable, primaryKey, text } from 'ponder';
import { count, hex, int8, provenance, uint256 } from './columns.ts';

export const contribution = onchainTable(
  'contribution',
  {
    id: uint256().primaryKey(),
    datanetId: uint256().notNull(),
    contributor: hex().notNull(),
    /** Who sent the transaction; the contributor's own address when there was no relayer. */
    relayer: hex().notNull(),
    contentHash: hex().notNull(),
    uri: text().notNull(),
    licenseId: hex().notNull(),
    rows: uint256().notNull(),
    bond: uint256().notNull(),
    status: text().$type<'pending' | 'accepted' | 'rejected' | 'revoked'>().notNull(),
    /** 1e18 fixed point, zero until accepted. */
    score: uint256().notNull(),
    /** Why it was rejected or revoked. */
    reason: hex(),
    decidedAt: int8(),
    commits: count(),
    scores: count(),
    /** Final attributions that name it, and the wei they gave. */
    attributions: count(),
    attributed: uint256().notNull(),
    ...provenance,
  },
  (t) => ({
    datanetIndex: index('contribution_datanet_idx').on(t.datanetId, t.id),
    datanetStatusIndex: index('contribution_datanet_status_idx').on(t.datanetId, t.status, t.id),
    datanetAttributedIndex: index('contribution_datanet_attributed_idx').on(t.datanetId, t.attributed, t.id),
    contributorIndex: index('contribution_contributor_idx').on(t.contributor, t.id),
    contributorAttributedIndex: index('contribution_contributor_attributed_idx').on(t.contributor, t.attributed, t.id),
    relayerIndex: index('contribution_relayer_idx').on(t.relayer, t.id),
    statusIndex: index('contribution_status_idx').on(t.status, t.id),
    contentIndex: index('contribution_content_idx').on(t.contentHash, t.id),
    scoreIndex: index('contribution_score_idx').on(t.score, t.id),
    rowsIndex: index('contribution_rows_idx').on(t.rows, t.id),
    attributedIndex: index('contribution_attributed_idx').on(t.attributed, t.id),
    updatedIndex: index('contribution_updated_idx').on(t.updatedAt, t.id),
  }),
);

/** One validator's blind score: the commitment first, the score once revealed. */
export const contributionScore = onchainTable(
  'contribution_score',
  {
    contributionId: uint256().notNull(),
    validator: hex().notNull(),
    datanetId: uint256().notNull(),
    commitment: hex().notNull(),
    /** 1e18 fixed point. */
    score: uint256(),
    evidenceHash: hex(),
    revealedAt: int8(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.contributionId, t.validator] }),
    validatorIndex: index('contribution_score_validator_idx').on(t.validator, t.createdAt, t.contributionId),
    datanetIndex: index('contribution_score_datanet_idx').on(t.datanetId, t.createdAt, t.contributionId, t.validator),
    createdIndex: index('contribution_score_created_idx').on(t.createdAt, t.contributionId, t.validator),
  }),
);
