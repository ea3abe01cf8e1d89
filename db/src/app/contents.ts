import { sql } from 'drizzle-orm';
import { bigint, check, customType, index, jsonb, text, timestamp } from 'drizzle-orm/pg-core';
import { app } from './schema.ts';

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/**
 * Contribution bodies, manifests, evidence: whatever the chain names by its keccak256. Content-addressed, so that storing
 * the same again changes nothing, and erasable: the hash stays, the body goes.
 */
export const content = app.table(
  'content',
  {
    /** keccak256 of the body, lower-case hex with 0x. */
    hash: text().$type<`0x${string}`>().primaryKey(),
    mediaType: text().notNull(),
    /** Bytes of the body, also after it was erased. */
    size: bigint({ mode: 'bigint' }).notNull(),
    body: bytes(),
    /** Where it is from: source, author, licence. */
    provenance: jsonb().$type<Readonly<Record<string, unknown>>>(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    erasedAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    check('content_hash_is_hash', sql`${t.hash} ~ '^0x[0-9a-f]{64}$'`),
    check('content_is_erased_or_whole', sql`(${t.body} is null) = (${t.erasedAt} is not null)`),
    index('content_created_idx').on(t.createdAt, t.hash),
  ],
);
