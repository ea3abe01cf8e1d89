import { eq, sql } from 'drizzle-orm';
import { keccak256 } from 'ethers';
import { content } from './app/index.ts';
import type { Database } from './client.ts';

export type NewContent = {
  mediaType: string;
  body: Uint8Array;
  /** Where it is from: source, author, licence. */
  provenance?: Readonly<Record<string, unknown>>;
};

export type StoredContent = {
  hash: `0x${string}`;
  mediaType: string;
  size: bigint;
  /** Null once it was erased. */
  body: Uint8Array | null;
  provenance: Readonly<Record<string, unknown>> | null;
  erasedAt: Date | null;
};

/** keccak256 of a body, as the chain names it. */
export const contentHash = (body: Uint8Array): `0x${string}` => keccak256(body) as `0x${string}`;

/**
 * Stores bodies in one statement; one that is already there, or was erased, stays as it is.
 * @returns their hashes, in order.
 */
export async function putContents(db: Database, contents: readonly NewContent[]): Promise<readonly `0x${string}`[]> {
  const rows = contents.map(({ mediaType, body, provenance }) => ({
    hash: contentHash(body),
    mediaType,
    size: BigInt(body.length),
    body,
    provenance: provenance ?? null,
  }));
  if (rows.length > 0) await db.insert(content).values(rows).onConflictDoNothing();
  return rows.map((row) => row.hash);
}

/** The content behind a hash; undefined when it was never stored. */
export async function getContent(db: Database, hash: string): Promise<StoredContent | undefined> {
  const [row] = await db
    .select()
    .from(content)
    .where(eq(content.hash, hash.toLowerCase() as `0x${string}`));
  return row;
}

/** Erases a body and its provenance for good; the hash, size and the time of erasing stay. @returns whether there was one. */
export async function eraseContent(db: Database, hash: string): Promise<boolean> {
  const erased = await db
    .update(content)
    .set({ body: null, provenance: null, erasedAt: sql`now()` })
    .where(sql`${content.hash} = ${hash.toLowerCase()} and ${content.erasedAt} is null`)
    .returning({ hash: content.hash });
  return erased.length > 0;
}
