import type { SQL } from 'drizzle-orm';
import { createTurns } from '../guard/turns.ts';

/** Statements of analytics that run at a time: they are long, and others need connections too. */
const RUNNING = 4;
const WAITING = 500;
const inTurn = createTurns(RUNNING, WAITING);

type Reader = { execute(query: SQL): PromiseLike<unknown> };

/** The one row of a statement, which runs when it is its turn. @throws RATE_LIMITED when too many wait already */
export async function rowOf<R>(db: Reader, query: SQL): Promise<R> {
  const [row] = (await inTurn('analytics', async () => db.execute(query))) as [R];
  return row;
}
