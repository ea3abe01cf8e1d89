import type { Sql } from 'postgres';
import type { Block } from './chain-node.ts';
import { answerOf } from './database.ts';
import { isMissingRelation } from './database-errors.ts';

/** How far the index of one chain is. */
export type ChainStatus = {
  readonly chainId: bigint;
  /** What it is called in the indexer's configuration. */
  readonly name: string;
  /** The newest block whose events are all in the tables; null while a restarted indexer does not say. */
  readonly indexed: Block | null;
  /** The newest block that can no longer be taken back; null when only the time is known, beside other chains. */
  readonly finalBlock: bigint | null;
  /** Unix seconds up to which nothing can be taken back any more. */
  readonly finalTimestamp: bigint;
};

/** What the indexer publishes of itself. */
export type Published = {
  readonly chains: readonly ChainStatus[];
  /** It follows its chains; false while it catches up after a restart. */
  readonly complete: boolean;
};

type Row = { chainId: string; name: string; latest: string; safe: string; final: string; complete: boolean };

/** Where Ponder is on each chain, from the views it publishes; null while they are not there. */
export async function readCheckpoints(sql: Sql): Promise<Published | null> {
  try {
    const rows = await answerOf(
      sql<Row[]>`
        select chain_id::text as "chainId", chain_name as name, latest_checkpoint as latest,
          safe_checkpoint as safe, finalized_checkpoint as final,
          coalesce((select value ->> 'is_ready' = '1' from chain._ponder_meta where key = 'app'), false) as complete
        from chain._ponder_checkpoint order by chain_id`,
    );
    return { chains: rows.map(chainStatus), complete: rows.every(({ complete }) => complete) };
  } catch (error) {
    if (isMissingRelation(error)) return null;
    throw error;
  }
}

function chainStatus({ chainId, name, latest, safe, final, complete }: Row): ChainStatus {
  const id = BigInt(chainId);
  // A restarted indexer takes its rows back to the safe checkpoint first, and moves the latest one later.
  const indexed = decodeCheckpoint(complete ? latest : safe);
  const finalized = decodeCheckpoint(final);
  // Ponder writes the earliest chain's final checkpoint into every chain's row: what is older is final there too.
  const isOwn = finalized.chainId === id;
  return {
    chainId: id,
    name,
    indexed: indexed.chainId === id ? { block: indexed.block, timestamp: indexed.timestamp } : null,
    finalBlock: isOwn ? finalized.block : null,
    finalTimestamp: isOwn ? finalized.timestamp : finalized.timestamp - 1n,
  };
}

/** A Ponder checkpoint is 75 digits: 10 of Unix seconds, 16 of chain, 16 of block, then the place within the block. */
export function decodeCheckpoint(checkpoint: string): Block & { readonly chainId: bigint } {
  if (!/^\d{75}$/.test(checkpoint)) throw new Error(`Not a checkpoint of 75 digits: ${checkpoint}`);
  return {
    timestamp: BigInt(checkpoint.slice(0, 10)),
    chainId: BigInt(checkpoint.slice(10, 26)),
    block: BigInt(checkpoint.slice(26, 42)),
  };
}
