import type { Logger } from 'pino';
import type { Sql } from 'postgres';
import { answerOf } from './database.ts';
import { databaseCode, isMissingRelation } from './database-errors.ts';
import { shared } from './shared.ts';

/** Why the indexer has stopped for good, and what its operator has to do: whole sentences. */
export type Halt = {
  readonly reason: string;
  readonly remedy: string;
};

const FRESH_MS = 500;

/** Whether the indexer has halted, at most half a second old; null while it has not. One broken chain halts the whole index. */
export function createHaltReader(sql: Sql, chainId: bigint, log: Logger): () => Promise<Halt | null> {
  let toldDenied = false;
  const own = chainId.toString();
  return shared(FRESH_MS, async () => {
    try {
      const [row] = await answerOf(
        sql<(Halt & { chain: string })[]>`
          select chain_id::text as chain, reason, remedy from indexer.halt order by chain_id <> ${own}, at limit 1`,
      );
      if (row === undefined) return null;
      const reason = row.chain === own ? row.reason : `Chain ${row.chain}: ${row.reason}`;
      return { reason: asSentence(reason), remedy: asSentence(row.remedy) };
    } catch (error) {
      // An indexer that never ran, or ran before it could halt, has no such table.
      if (isMissingRelation(error)) return null;
      if (databaseCode(error) !== '42501') throw error;
      // The indexer withdraws its views when it halts, so what is served is right all the same.
      if (!toldDenied) log.warn('DATABASE_URL’s user may not read indexer.halt: why an index halts cannot be told');
      toldDenied = true;
      return null;
    }
  });
}

/** They are shown one behind the other. */
function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
