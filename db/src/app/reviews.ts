import { sql } from 'drizzle-orm';
import { check, index, primaryKey } from 'drizzle-orm/pg-core';
import { app, bytes, hex, isAddress, isHash, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';

/**
 * A validator's review while nobody else may see it: score, salt and notes encrypted, and the commitment that goes on
 * chain. Once the score is revealed there, the sealed part is no longer needed and goes.
 */
export const review = app.table(
  'review',
  {
    genesisHash: onChain(),
    contributionId: uint256().notNull(),
    validator: hex().notNull(),
    commitment: hex().notNull(),
    /** AES-256-GCM: nonce, tag, then the encrypted JSON. */
    sealed: bytes(),
    windowEndsAt: moment().notNull(),
    createdAt: written(),
    revealedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.genesisHash, t.contributionId, t.validator] }),
    isAddress('review_validator_is_address', t.validator),
    isHash('review_commitment_is_hash', t.commitment),
    check('review_is_sealed_or_revealed', sql`(${t.sealed} is null) = (${t.revealedAt} is not null)`),
    index('review_due_idx').on(t.windowEndsAt).where(sql`${t.revealedAt} is null`),
    index('review_validator_idx').on(t.genesisHash, t.validator, t.createdAt, t.contributionId),
  ],
);
