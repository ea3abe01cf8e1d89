import { sql } from 'drizzle-orm';
import { check, index, integer, text, uuid } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, moment, written } from './columns.ts';

export const apiKeyScopes = ['read', 'contribute', 'review', 'infer', 'admin', 'chat'] as const;

/** A key for programs. The key itself is shown once; here are its hash and its first characters, to tell keys apart. */
export const apiKey = app.table(
  'api_key',
  {
    id: uuid().primaryKey().defaultRandom(),
    account: hex().notNull(),
    name: text().notNull(),
    prefix: text().notNull(),
    /** SHA-256 of the key. */
    keyHash: hex().notNull().unique(),
    scopes: text().array().$type<(typeof apiKeyScopes)[number]>().notNull(),
    /** Query cost that it may spend in a minute. */
    budgetPerMinute: integer().notNull(),
    createdAt: written(),
    expiresAt: moment(),
    lastUsedAt: moment(),
    revokedAt: moment(),
  },
  (t) => [
    isAddress('api_key_account_is_address', t.account),
    isHash('api_key_hash_is_hash', t.keyHash),
    check('api_key_name_is_short', sql`length(${t.name}) between 1 and 80`),
    check('api_key_prefix_is_short', sql`length(${t.prefix}) between 4 and 12`),
    check(
      'api_key_scopes_are_known',
      sql`cardinality(${t.scopes}) > 0 and ${t.scopes} <@ array[${sql.raw(apiKeyScopes.map((scope) => `'${scope}'`).join(', '))}]::text[]`,
    ),
    check('api_key_budget_is_positive', sql`${t.budgetPerMinute} > 0`),
    index('api_key_account_idx').on(t.account, t.createdAt),
  ],
);
