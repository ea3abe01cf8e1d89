import { sql } from 'drizzle-orm';
import { bigint, check, index, text, uuid } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isOneOf, moment, written } from './columns.ts';

/** `begun` when the process ended before it could say how the write went. */
export const auditOutcomes = ['begun', 'done', 'refused', 'failed'] as const;

/** Who wrote what, about what, and how it went. Never what was written, nor what was signed or shown once. */
export const auditEvent = app.table(
  'audit_event',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    account: hex().notNull(),
    /** What the account authenticated with; no reference, so that the log outlives it. */
    sessionId: uuid(),
    keyId: uuid(),
    /** The mutation. */
    action: text().notNull(),
    /** What it was about, as `Type:id`. */
    subject: text(),
    /** The chain that ids in `subject` are of. */
    genesisHash: hex().notNull(),
    outcome: text().$type<(typeof auditOutcomes)[number]>().notNull().default('begun'),
    /** The error's code where it was refused or failed. */
    code: text(),
    begunAt: written(),
    endedAt: moment(),
  },
  (t) => [
    isAddress('audit_event_account_is_address', t.account),
    isHash('audit_event_genesis_is_hash', t.genesisHash),
    isOneOf('audit_event_outcome_is_known', t.outcome, auditOutcomes),
    check('audit_event_subject_is_short', sql`length(${t.subject}) <= 200`),
    check('audit_event_end_is_whole', sql`(${t.outcome} = 'begun') = (${t.endedAt} is null)`),
    index('audit_event_account_idx').on(t.account, t.id),
  ],
);
