import { activity } from '@openledger/db/chain';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { ApiDatabase } from '../context.ts';
import { databaseCode, isMissingRelation } from '../database-errors.ts';
import type { ChainSnapshot } from './chain-window.ts';
import { blockOf, endOfBlock } from './cursor.ts';

/** Where each chain's window ends at its final side: what is read begins there. */
export type Windows = ReadonlyMap<bigint, { readonly finalId: string }>;

/** `waiting` while the index is not published or catches up after a restart: what is missing then comes back. */
export type Snapshot =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'chains'; readonly mark: string; readonly chains: readonly ChainSnapshot[] };

/** Unfinal events of a chain that are held in memory at most. */
export const MAX_WINDOW = 50_000;

/** More events are unfinal than can be followed. */
export class WindowError extends Error {
  override readonly name = 'WindowError';
}

type Checkpoint = { chainId: string; latest: string; final: string; complete: boolean };

const checkpoints = sql`
  select chain_id::text as "chainId", latest_checkpoint as latest, finalized_checkpoint as final,
    coalesce((select value ->> 'is_ready' = '1' from chain._ponder_meta where key = 'app'), false) as complete
  from chain._ponder_checkpoint order by chain_id`;

/** Cheap to read; changes with every block indexed, and when the newest event is taken back. Null while there is no index. */
export async function readMark(db: ApiDatabase): Promise<string | null> {
  try {
    const [row] = await db.execute<{ mark: string | null }>(sql`
      select concat(
        (select string_agg(latest_checkpoint || finalized_checkpoint, ',' order by chain_id) from chain._ponder_checkpoint), ' ',
        (select value ->> 'is_ready' from chain._ponder_meta where key = 'app'), ' ',
        (select max(id) from chain.activity)) as mark`);
    return row?.mark ?? null;
  } catch (error) {
    if (isMissingRelation(error)) return null;
    throw error;
  }
}

/** All chains at one moment. @throws WindowError */
export async function readSnapshot(db: ApiDatabase, windows: Windows): Promise<Snapshot> {
  try {
    return await db.transaction(
      async (tx) => {
        const rows: Checkpoint[] = await tx.execute<Checkpoint>(checkpoints);
        if (rows.length === 0 || rows.some(({ complete }) => !complete)) return { kind: 'waiting' as const };
        const mark = rows.map(({ latest, final }) => latest + final).join(',');
        const chains: ChainSnapshot[] = [];
        for (const { chainId, latest, final } of rows) {
          const id = BigInt(chainId);
          const { finalId, finalBlock } = finalOf(id, final);
          const since = windows.get(id)?.finalId ?? finalId;
          const events = await tx
            .select()
            .from(activity)
            .where(and(eq(activity.chainId, id), gt(activity.id, since)))
            .orderBy(asc(activity.id))
            .limit(MAX_WINDOW + 1);
          if (events.length > MAX_WINDOW) {
            throw new WindowError(`Chain ${id} has more than ${MAX_WINDOW} events after ${since}.`);
          }
          chains.push({ chainId: id, finalId, finalBlock, indexedBlock: blockOf(latest), events });
        }
        return { kind: 'chains' as const, mark, chains };
      },
      { isolationLevel: 'repeatable read', accessMode: 'read only' },
    );
  } catch (error) {
    // The indexer puts new views in place of the old ones.
    if (isMissingRelation(error) || databaseCode(error) === '40P01') return { kind: 'waiting' };
    throw error;
  }
}

/** Ponder writes the earliest chain's final checkpoint into every chain's row: what is older is final there too. */
function finalOf(chainId: bigint, checkpoint: string): { finalId: string; finalBlock: bigint | null } {
  if (BigInt(checkpoint.slice(10, 26)) === chainId) {
    return { finalId: endOfBlock(checkpoint), finalBlock: blockOf(checkpoint) };
  }
  const before = BigInt(checkpoint.slice(0, 10)) - 1n;
  return { finalId: (before < 0n ? 0n : before).toString().padStart(10, '0') + '9'.repeat(65), finalBlock: null };
}
