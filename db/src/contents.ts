import { and, eq, isNull, sql } from 'drizzle-orm';
import { keccak256 } from 'ethers';
import { content, passageSource } from './app/index.ts';
import type { Hex } from './chain/index.ts';
import type { Database } from './client.ts';

export type NewContent = {
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** SPDX expression. */
  readonly license?: string;
  /** Where it is from: author, source, and whatever else is known. */
  readonly provenance?: Readonly<Record<string, unknown>>;
};

export type StoredContent = {
  readonly hash: Hex;
  readonly mediaType: string;
  /** Bytes of the body, also after it was erased. */
  readonly size: bigint;
  /** Null once it was erased, and where it is kept elsewhere. */
  readonly body: Uint8Array | null;
  readonly externalUri: string | null;
  readonly license: string | null;
  readonly provenance: Readonly<Record<string, unknown>> | null;
  readonly createdAt: Date;
  readonly erasedAt: Date | null;
};

/** A database with whatever relations, or a transaction in one. */
type Contents = Pick<Database, 'insert' | 'select' | 'update' | 'delete'>;

/** Postgres takes 65,535 parameters in a statement. */
const ROWS_AT_ONCE = 1_000;

/** keccak256 of a body, as the chain names it. */
export const contentHash = (body: Uint8Array): Hex => keccak256(body) as Hex;

/**
 * Stores bodies; one that is already there, or was erased, stays as it is. What a failure leaves are whole bodies, so
 * trying again completes it.
 * @returns their hashes, in order
 */
export async function putContents(db: Contents, contents: readonly NewContent[]): Promise<readonly Hex[]> {
  const rows = contents.map(({ mediaType, body, license, provenance }) => ({
    hash: contentHash(body),
    mediaType,
    size: BigInt(body.length),
    body,
    license: license ?? null,
    provenance: provenance ?? null,
  }));
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    await db
      .insert(content)
      .values(rows.slice(i, i + ROWS_AT_ONCE))
      .onConflictDoNothing();
  }
  return rows.map(({ hash }) => hash);
}

/** The content behind a hash, in either case; undefined when it was never stored. */
export async function getContent(db: Contents, hash: string): Promise<StoredContent | undefined> {
  const [row] = await db.select().from(content).where(named(hash));
  return row;
}

/**
 * Erases a body, its provenance and its passages for good; hash, size, licence and the time of erasing stay.
 * @returns whether there was one to erase
 */
export async function eraseContent(db: Contents, hash: string): Promise<boolean> {
  const erased = await db
    .update(content)
    .set({ body: null, externalUri: null, provenance: null, erasedAt: sql`now()` })
    .where(and(named(hash), isNull(content.erasedAt)))
    .returning({ hash: content.hash });
  // After the body: who cuts passages of it holds its row until they are written.
  await db.delete(passageSource).where(eq(passageSource.contentHash, hash.toLowerCase() as Hex));
  return erased.length > 0;
}

const named = (hash: string) => eq(content.hash, hash.toLowerCase() as Hex);
