import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { app, bytes, hex, isHash, isNatural, isOneOf, moment, uint256, written } from './columns.ts';
import { inferenceRecord } from './inferences.ts';

/** An answer that waits to be attributed: what was asked and answered, sealed for its worker, and gone once there is a receipt. */
export const attributionTask = app.table(
  'attribution_task',
  {
    requestId: hex()
      .primaryKey()
      .references(() => inferenceRecord.requestId, { onDelete: 'cascade' }),
    /** AES-256-GCM under a key derived from the worker's. */
    sealed: bytes().notNull(),
    attempts: integer().notNull().default(0),
    /** Why it waits, without anything of the prompt. */
    error: text(),
    /** Not tried before. */
    dueAt: moment().notNull().defaultNow(),
    createdAt: written(),
  },
  (t) => [
    isNatural('attribution_task_attempts_is_natural', t.attempts),
    index('attribution_task_due_idx').on(t.dueAt, t.requestId),
  ],
);

/** The signed receipt of an answer: what it drew on, re-computable by a stranger. */
export const receipt = app.table(
  'receipt',
  {
    requestId: hex()
      .primaryKey()
      .references(() => inferenceRecord.requestId, { onDelete: 'cascade' }),
    /** keccak256 of the body: its leaf in the attribution batch's tree. */
    hash: hex().notNull().unique(),
    /** RFC 8785 canonical JSON, exactly as it was signed. */
    body: text().notNull(),
    /** RFC 8785 canonical JSON of what it is recomputed from; the body holds its keccak256. */
    evidence: text().notNull(),
    /** The attribution batch that carries it, once posted. */
    batchId: uint256(),
    createdAt: written(),
  },
  (t) => [
    isHash('receipt_hash_is_hash', t.hash),
    index('receipt_batch_idx').on(t.batchId),
    index('receipt_unposted_idx').on(t.createdAt).where(sql`${t.batchId} is null`),
  ],
);

/** A sentence of an answer, by where it lies in the text that its client has; 0 is the whole answer. */
export const answerPart = app.table(
  'answer_part',
  {
    requestId: hex()
      .notNull()
      .references(() => receipt.requestId, { onDelete: 'cascade' }),
    place: integer().notNull(),
    /** UTF-16 code units, as JavaScript counts them; `until` after the last. */
    from: integer().notNull(),
    until: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.place] }),
    check('answer_part_lies_in_order', sql`${t.place} >= 0 and ${t.from} >= 0 and ${t.until} >= ${t.from}`),
  ],
);

export const evidenceKinds = ['influence', 'spans', 'retrieval'] as const;

/** What a part of an answer drew on: a contribution, the kind of evidence, and how much of the part's evidence of that kind it is. */
export const answerEvidence = app.table(
  'answer_evidence',
  {
    requestId: hex().notNull(),
    place: integer().notNull(),
    kind: text().$type<(typeof evidenceKinds)[number]>().notNull(),
    contributionId: uint256().notNull(),
    /** Parts per million of the kind's evidence in this part. */
    weightPpm: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.place, t.kind, t.contributionId] }),
    foreignKey({
      name: 'answer_evidence_part_fk',
      columns: [t.requestId, t.place],
      foreignColumns: [answerPart.requestId, answerPart.place],
    }).onDelete('cascade'),
    isOneOf('answer_evidence_kind_is_known', t.kind, evidenceKinds),
    check('answer_evidence_weight_is_ppm', sql`${t.weightPpm} between 0 and 1000000`),
    index('answer_evidence_contribution_idx').on(t.contributionId, t.requestId),
  ],
);
