import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, text } from 'drizzle-orm/pg-core';
import { app, bytes, hex, isHash, moment, written } from './columns.ts';

/**
 * Contribution bodies, manifests, evidence: whatever the chain names by its keccak256. Content-addressed, so that storing
 * the same again changes nothing, and erasable: the hash stays, the body goes.
 */
export const content = app.table(
  'content',
  {
    /** keccak256 of the body. */
    hash: hex().primaryKey(),
    mediaType: text().notNull(),
    /** Bytes of the body, also after it was erased. */
    size: bigint({ mode: 'bigint' }).notNull(),
    body: bytes(),
    /** Where a body that is too large for here is kept. */
    externalUri: text(),
    /** SPDX expression. */
    license: text(),
    /** Where it is from: author, source, and whatever else is known. */
    provenance: jsonb().$type<Readonly<Record<string, unknown>>>(),
    createdAt: written(),
    erasedAt: moment(),
  },
  (t) => [
    isHash('content_hash_is_hash', t.hash),
    check('content_size_is_right', sql`${t.size} >= 0 and (${t.body} is null or length(${t.body}) = ${t.size})`),
    check(
      'content_is_erased_or_whole',
      sql`num_nonnulls(${t.body}, ${t.externalUri}) = case when ${t.erasedAt} is null then 1 else 0 end`,
    ),
    index('content_created_idx').on(t.createdAt, t.hash),
  ],
);
