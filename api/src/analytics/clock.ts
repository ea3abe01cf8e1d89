import { type SQL, sql } from 'drizzle-orm';
import { decodeCheckpoint } from '../checkpoints.ts';
import { userError } from '../errors.ts';

/** The block that an answer is computed to: every event up to it is counted, none after it. */
export type ComputedTo = { readonly block: bigint; readonly timestamp: bigint };

/**
 * A common table `clock` of one row, for the statement that counts: both then see the same state of the index, whatever
 * the indexer writes meanwhile. Its columns: `checkpoint`, 75 digits, and `now`, Unix seconds.
 */
export function clockTable(chainId: bigint): SQL {
  // A restarted indexer takes its rows back to the safe checkpoint first, and moves the latest one later.
  return sql`clock as materialized (
    select checkpoint, substr(checkpoint, 1, 10)::bigint as now from (
      select case when coalesce((select value ->> 'is_ready' = '1' from chain._ponder_meta where key = 'app'), false)
        then latest_checkpoint else safe_checkpoint end as checkpoint
      from chain._ponder_checkpoint where chain_id = ${chainId.toString()}::bigint) as own)`;
}

/** Reads what `clock` told. @throws INDEX_NOT_READY while a restarted indexer does not say which block it is at. */
export function computedTo(checkpoint: string | null, chainId: bigint): ComputedTo {
  const at = checkpoint === null ? null : decodeCheckpoint(checkpoint);
  if (at === null || at.chainId !== chainId) throw notReady();
  return { block: at.block, timestamp: at.timestamp };
}

export function notReady(): Error {
  return userError('INDEX_NOT_READY', 'The index does not say yet which block it is at: the indexer is starting.');
}
