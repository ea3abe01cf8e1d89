import { type Database, getContent, type Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { type Algorithm, algorithmId, algorithmSchema, startingAlgorithm } from '@openledger/protocol/attribution';

/**
 * How answers are attributed now: the algorithm that governance allowed last, of those that this worker understands; the one it
 * starts with where there is none.
 */
export const readAlgorithm = async ({ db, sql }: { db: Database; sql: Sql }): Promise<Algorithm> => {
  const rows = await sql<{ id: Hex; hash: Hex }[]>`
    select id, uri_hash as hash from chain.algorithm where active order by updated_at desc, id limit 16`;
  for (const { id, hash } of rows) {
    const body = (await getContent(db, hash))?.body;
    const parsed = algorithmSchema.safeParse(jsonOf(body ?? new Uint8Array()));
    if (parsed.success && algorithmId(parsed.data) === id) return parsed.data;
  }
  return startingAlgorithm;
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
};
