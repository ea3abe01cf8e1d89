import { sql } from 'drizzle-orm';
import { bigint, check, index, primaryKey, text } from 'drizzle-orm/pg-core';
import { app, bytes, hex, isAddress, isHash, isNatural, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';
import { intakeVerdict } from './intake.ts';
import { relay } from './relays.ts';

/** A file that an account uploaded and has not submitted yet. It goes when it is submitted, or has waited too long. */
export const upload = app.table(
  'upload',
  {
    account: hex().notNull(),
    /** keccak256 of the body. */
    hash: hex().notNull(),
    mediaType: text().notNull(),
    fileName: text(),
    body: bytes().notNull(),
    /** Rows that were read in it. */
    rows: bigint({ mode: 'bigint' }).notNull(),
    createdAt: written(),
    expiresAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.account, t.hash] }),
    isAddress('upload_account_is_address', t.account),
    isHash('upload_hash_is_hash', t.hash),
    check('upload_name_is_short', sql`length(${t.fileName}) <= 200`),
    isNatural('upload_rows_are_natural', t.rows),
    index('upload_expires_idx').on(t.expiresAt),
  ],
);

/** A contribution on its way: what was submitted, what intake said to it, and what the relayer does for it. */
export const submission = app.table(
  'submission',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    genesisHash: onChain(),
    verdictId: bigint({ mode: 'bigint' })
      .notNull()
      .unique()
      .references(() => intakeVerdict.id, { onDelete: 'cascade' }),
    datanetId: uint256().notNull(),
    contributor: hex().notNull(),
    contentHash: hex().notNull(),
    uri: text().notNull(),
    /** SPDX expression; the chain keeps its keccak256. */
    license: text().notNull(),
    rows: bigint({ mode: 'bigint' }).notNull(),
    /** What the contributor signed, kept until it is relayed; without it the relayer's authorisation is enough. */
    signature: hex(),
    /** Until when the signature is good, Unix seconds. */
    deadline: uint256(),
    /** The action at the relayer, once intake or the datanet's owner let it through. */
    relayKey: text().references(() => relay.idempotencyKey),
    createdAt: written(),
  },
  (t) => [
    isAddress('submission_contributor_is_address', t.contributor),
    isHash('submission_content_is_hash', t.contentHash),
    isNatural('submission_rows_are_natural', t.rows),
    check('submission_signature_is_whole', sql`(${t.signature} is null) = (${t.deadline} is null)`),
    index('submission_contributor_idx').on(t.genesisHash, t.contributor, t.id),
    index('submission_content_idx').on(t.genesisHash, t.datanetId, t.contentHash),
    index('submission_relay_idx').on(t.relayKey),
  ],
);
