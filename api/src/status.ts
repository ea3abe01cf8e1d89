import { sql } from 'drizzle-orm';
import type { ApiDatabase } from './context.ts';
import { isMissingRelation } from './database-errors.ts';
import type { Block } from './head.ts';

export type Lag = {
  readonly blocks: bigint;
  readonly seconds: bigint;
};

/** How far the index is. */
export type IndexStatus = {
  /** The last block indexed; null while the indexer has not published its views. */
  readonly indexed: Block | null;
  /** How far that is behind the chain; null when either end is unknown. */
  readonly lag: Lag | null;
  readonly ready: boolean;
  /** Why it is not ready, for people; null when it is. */
  readonly reason: string | null;
};

const FRESH_MS = 500;
/** Behind by more than both of these, the index is not ready. */
const MAX_LAG: Lag = { blocks: 5n, seconds: 60n };

/** Reads the status, at most twice a second however many ask. */
export function createIndexStatus(db: ApiDatabase, head: () => Promise<Block | null>, chainId: bigint) {
  let readAt = Number.NEGATIVE_INFINITY;
  let latest: Promise<IndexStatus> | undefined;
  return (): Promise<IndexStatus> => {
    const now = performance.now();
    if (latest === undefined || now - readAt > FRESH_MS) {
      readAt = now;
      latest = readStatus(db, head, chainId);
    }
    return latest;
  };
}

async function readStatus(db: ApiDatabase, head: () => Promise<Block | null>, chainId: bigint): Promise<IndexStatus> {
  const [published, latest] = await Promise.all([readCheckpoint(db, chainId), head()]);
  if (published === null) {
    const reason = 'The indexer has not published its views yet: it is starting.';
    return { indexed: null, lag: null, ready: false, reason };
  }
  const { indexed, complete } = published;
  if (latest === null) {
    return { indexed, lag: null, ready: false, reason: 'The chain’s node at CHAIN_RPC_URL does not answer.' };
  }
  const lag = {
    blocks: atLeastZero(latest.block - indexed.block),
    seconds: atLeastZero(latest.timestamp - indexed.timestamp),
  };
  const behind = lag.blocks > MAX_LAG.blocks && lag.seconds > MAX_LAG.seconds;
  if (behind) {
    const reason = `The index is ${lag.blocks} blocks (${lag.seconds} s) behind the chain.`;
    return { indexed, lag, ready: false, reason };
  }
  if (!complete) return { indexed, lag, ready: false, reason: 'The indexer has restarted and is catching up.' };
  return { indexed, lag, ready: true, reason: null };
}

/** Where Ponder is on one chain, and whether it follows the chain, from the views it publishes; null while they are not there. */
async function readCheckpoint(db: ApiDatabase, chainId: bigint): Promise<{ indexed: Block; complete: boolean } | null> {
  try {
    const [row] = await db.execute<{ checkpoint: string; complete: boolean }>(
      sql`select latest_checkpoint as checkpoint,
            coalesce((select value ->> 'is_ready' = '1' from chain._ponder_meta where key = 'app'), false) as complete
          from chain._ponder_checkpoint where chain_id = ${chainId}`,
    );
    return row ? { indexed: decodeCheckpoint(row.checkpoint), complete: row.complete } : null;
  } catch (error) {
    if (isMissingRelation(error)) return null;
    throw error;
  }
}

/** A Ponder checkpoint is 75 digits: 10 of Unix seconds, 16 of chain, 16 of block, then the place within the block. */
export function decodeCheckpoint(checkpoint: string): Block {
  if (!/^\d{75}$/.test(checkpoint)) throw new Error(`Not a checkpoint of 75 digits: ${checkpoint}`);
  return { timestamp: BigInt(checkpoint.slice(0, 10)), block: BigInt(checkpoint.slice(26, 42)) };
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
