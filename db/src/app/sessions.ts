import { sql } from 'drizzle-orm';
import { check, index, text, uuid } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, moment, written } from './columns.ts';

/** A number used once in a Sign-In with Ethereum message (EIP-4361), so that a signature cannot be used again. */
export const signInNonce = app.table(
  'sign_in_nonce',
  { nonce: text().primaryKey(), createdAt: written(), expiresAt: moment().notNull(), usedAt: moment() },
  (t) => [index('sign_in_nonce_expires_idx').on(t.expiresAt)],
);

/** A signed-in wallet. The token itself is known only to the client. */
export const session = app.table(
  'session',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** SHA-256 of the token. */
    tokenHash: hex().notNull().unique(),
    account: hex().notNull(),
    createdAt: written(),
    expiresAt: moment().notNull(),
    lastUsedAt: moment(),
    revokedAt: moment(),
  },
  (t) => [
    isHash('session_token_is_hash', t.tokenHash),
    isAddress('session_account_is_address', t.account),
    check('session_expires_later', sql`${t.expiresAt} > ${t.createdAt}`),
    index('session_account_idx').on(t.account, t.createdAt),
    index('session_expires_idx').on(t.expiresAt),
  ],
);
