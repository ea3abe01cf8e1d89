import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { app, bytes, hex, isAddress, isHash, isOneOf, moment, uint256, written } from './columns.ts';
import { content } from './contents.ts';
import { onChain } from './deployments.ts';

/** The MinHash signature of a contribution's text in one datanet, for finding near-duplicates. */
export const fingerprint = app.table(
  'fingerprint',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    genesisHash: onChain(),
    datanetId: uint256().notNull(),
    contentHash: hex()
      .notNull()
      .references(() => content.hash),
    /** All hashes of the signature, 4 bytes each, big-endian. */
    signature: bytes().notNull(),
    /** SHA-256 of the text without case, whitespace and punctuation; null where it was not kept. */
    textHash: hex(),
    /** Of the values of its rows, those are kept whose lowest bits, this many, are zero. */
    rowShift: smallint().notNull().default(0),
    createdAt: written(),
  },
  (t) => [
    unique('fingerprint_content_key').on(t.genesisHash, t.datanetId, t.contentHash),
    check('fingerprint_signature_is_whole', sql`length(${t.signature}) > 0 and length(${t.signature}) % 4 = 0`),
    isHash('fingerprint_text_is_hash', t.textHash),
    check('fingerprint_row_shift_is_natural', sql`${t.rowShift} between 0 and 63`),
    index('fingerprint_content_idx').on(t.contentHash),
    index('fingerprint_text_idx').on(t.textHash),
    index('fingerprint_created_idx').on(t.genesisHash, t.datanetId, t.createdAt, t.id),
  ],
);

/** One band of a signature. Two texts that share a band are candidates for being near-duplicates. */
export const fingerprintBand = app.table(
  'fingerprint_band',
  {
    fingerprintId: bigint({ mode: 'bigint' })
      .notNull()
      .references(() => fingerprint.id, { onDelete: 'cascade' }),
    band: smallint().notNull(),
    /** Hash of the band's rows. */
    value: bigint({ mode: 'bigint' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.fingerprintId, t.band] }),
    check('fingerprint_band_is_natural', sql`${t.band} >= 0`),
    index('fingerprint_band_value_idx').on(t.band, t.value, t.fingerprintId),
  ],
);

/** Bands of the signatures of single rows, so that rows taken from elsewhere are found among others. */
export const fingerprintRow = app.table(
  'fingerprint_row',
  {
    fingerprintId: bigint({ mode: 'bigint' })
      .notNull()
      .references(() => fingerprint.id, { onDelete: 'cascade' }),
    value: bigint({ mode: 'bigint' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.fingerprintId, t.value] }),
    index('fingerprint_row_value_idx').on(t.value, t.fingerprintId),
  ],
);

export const intakeOutcomes = ['accept', 'hold', 'refuse'] as const;

/** One check of a submission, as it is explained to the contributor. */
export type IntakeFinding = {
  readonly check: string;
  readonly outcome: (typeof intakeOutcomes)[number];
  readonly explanation: string;
};

/** What intake decided about a submission, and why. The body of a refused one is not kept, so its hash may lead nowhere. */
export const intakeVerdict = app.table(
  'intake_verdict',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    genesisHash: onChain(),
    datanetId: uint256().notNull(),
    contributor: hex().notNull(),
    contentHash: hex().notNull(),
    outcome: text().$type<(typeof intakeOutcomes)[number]>().notNull(),
    findings: jsonb().$type<readonly IntakeFinding[]>().notNull(),
    /** Which version of the rules decided. */
    rules: text().notNull(),
    createdAt: written(),
    /** When a person decided about one that was held, who, and how. */
    resolvedAt: moment(),
    resolvedBy: hex(),
    resolution: text().$type<'accept' | 'refuse'>(),
  },
  (t) => [
    isAddress('intake_verdict_contributor_is_address', t.contributor),
    isHash('intake_verdict_content_is_hash', t.contentHash),
    isOneOf('intake_verdict_outcome_is_known', t.outcome, intakeOutcomes),
    isAddress('intake_verdict_resolver_is_address', t.resolvedBy),
    isOneOf('intake_verdict_resolution_is_known', t.resolution, ['accept', 'refuse']),
    check(
      'intake_verdict_resolution_is_whole',
      sql`num_nonnulls(${t.resolvedAt}, ${t.resolvedBy}, ${t.resolution}) = 0 or (${t.outcome} = 'hold' and num_nonnulls(${t.resolvedAt}, ${t.resolvedBy}, ${t.resolution}) = 3)`,
    ),
    index('intake_verdict_contributor_idx').on(t.genesisHash, t.contributor, t.createdAt, t.id),
    index('intake_verdict_content_idx').on(t.contentHash, t.id),
    index('intake_verdict_held_idx')
      .on(t.genesisHash, t.datanetId, t.createdAt, t.id)
      .where(sql`${t.outcome} = 'hold' and ${t.resolvedAt} is null`),
  ],
);
