import type { Logger } from 'pino';
import type { Sql } from 'postgres';
import { answerOf } from './database.ts';
import { databaseCode, isMissingRelation } from './database-errors.ts';
import { shared } from './shared.ts';

/** Why the indexer has stopped for good, and what the operator has to do. Both are sentences. */
export type Halt = {
  readonly reason: string;
  readonly remedy: string;
};

const FRESH_MS = 500;

/** Whether the indexer has halted on a chain, at most half a second old; null while it has not. */
export function createHaltReader(sql: Sql, chainId: bigint, log: Logger): () => Promise<Halt | null> {
  let toldDenied = false;
  return shared(FRESH_MS, async () => {
    try {
      const [halt] = await answerOf(
        sql<Halt[]>`select reason, remedy from indexer.halt where chain_id = ${chainId.toString()}`,
      );
      return halt ?? null;
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
