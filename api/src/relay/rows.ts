import { relay } from '@openledger/db/app';
import { and, asc, eq, isNull, lte, or, sql } from 'drizzle-orm';
import type { RelayRow } from './enqueue.ts';
import type { Relayer } from './relayer.ts';

type Scope = Pick<Relayer, 'db' | 'genesisHash'>;
/** Set with every change of a row's state. */
export const moved = () => ({ updatedAt: sql`now()` });

/** Rows that may be sent now, in their order. */
export async function readPending({ db, genesisHash }: Scope, most: number): Promise<readonly RelayRow[]> {
  return db
    .select()
    .from(relay)
    .where(
      and(
        eq(relay.genesisHash, genesisHash),
        eq(relay.state, 'pending'),
        or(isNull(relay.notBefore), lte(relay.notBefore, sql`clock_timestamp()`)),
      ),
    )
    .orderBy(asc(relay.position))
    .limit(most);
}

/** When the next row that waits for its time may be sent; null when none does. */
export async function nextDue({ db, genesisHash }: Scope): Promise<Date | null> {
  const [row] = await db
    .select({ at: sql<string | null>`min(${relay.notBefore})` })
    .from(relay)
    .where(and(eq(relay.genesisHash, genesisHash), eq(relay.state, 'pending')));
  return row?.at ? new Date(row.at) : null;
}

export async function markFailed({ db }: Scope, key: string, error: string): Promise<void> {
  await db
    .update(relay)
    .set({ state: 'failed', error, ...moved() })
    .where(and(eq(relay.idempotencyKey, key), eq(relay.state, 'pending')));
}

/** Its effect stands on chain as of a block, though no transaction of ours brought it there. */
export async function markDone({ db }: Scope, key: string, doneBlock: bigint): Promise<void> {
  await db
    .update(relay)
    .set({ state: 'mined', doneBlock, ...moved() })
    .where(and(eq(relay.idempotencyKey, key), eq(relay.state, 'pending')));
}

/** Rows whose effect was found on chain, not final yet. */
export async function readDone({ db, genesisHash }: Scope): Promise<readonly RelayRow[]> {
  return db
    .select()
    .from(relay)
    .where(and(eq(relay.genesisHash, genesisHash), eq(relay.state, 'mined'), isNull(relay.transactionId)))
    .orderBy(asc(relay.position))
    .limit(200);
}

export async function settleDone({ db }: Scope, key: string, outcome: 'final' | 'undone'): Promise<void> {
  await db
    .update(relay)
    .set(
      outcome === 'final'
        ? { state: 'final', finalAt: sql`now()`, ...moved() }
        : { state: 'pending', doneBlock: null, ...moved() },
    )
    .where(and(eq(relay.idempotencyKey, key), eq(relay.state, 'mined'), isNull(relay.transactionId)));
}

/** How many rows are in each state. */
export async function countRows({ db, genesisHash }: Scope): Promise<ReadonlyMap<string, number>> {
  const counts = await db
    .select({ state: relay.state, count: sql<number>`count(*)::int` })
    .from(relay)
    .where(eq(relay.genesisHash, genesisHash))
    .groupBy(relay.state);
  return new Map(counts.map(({ state, count }) => [state, count]));
}
