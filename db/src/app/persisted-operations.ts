import { sql } from 'drizzle-orm';
import { check, index, text } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, written } from './columns.ts';

/** An operation that clients name by its hash instead of sending it. */
export const persistedOperation = app.table(
  'persisted_operation',
  {
    /** SHA-256 of the document. */
    hash: hex().primaryKey(),
    document: text().notNull(),
    /** Who registered it. */
    account: hex().notNull(),
    createdAt: written(),
  },
  (t) => [
    isHash('persisted_operation_hash_is_hash', t.hash),
    isAddress('persisted_operation_account_is_address', t.account),
    check('persisted_operation_document_is_short', sql`length(${t.document}) between 1 and 100000`),
    index('persisted_operation_account_idx').on(t.account),
  ],
);
