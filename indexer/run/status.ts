/** How far the live index reaches on one chain. */
export type ChainStatus = {
  chainId: bigint;
  /** The newest block whose events are in the tables. */
  block: bigint;
  /** That block's time, Unix seconds. */
  timestamp: bigint;
  /** The newest block that can no longer be taken back. */
  finalBlock: bigint;
  /** History is indexed and the index follows the chain; false while it restarts. */
  ready: boolean;
};

/** What the protocol's chain is called among those that are indexed. */
export const protocolChain = 'openledger';

/**
 * Reads how far the live index reaches: one row for each chain, once the first index is complete; before that, and while a
 * changed chain is indexed anew, the views are absent and Postgres answers 42P01 (undefined table): nothing can be read yet.
 *
 * Ponder keeps two tables beside its own, and views of them beside the others: `_ponder_checkpoint`, one row for each
 * chain, updated in the transaction that writes a block's rows, and `_ponder_meta`, whose JSON says `is_ready`. A
 * checkpoint is 75 digits: 10 of Unix seconds, 16 of the chain, 16 of the block, then places within the block.
 *
 * A restarted indexer takes its rows back to the safe checkpoint first, and moves the latest one only later.
 *
 * Lag is the chain's head minus `block`; Ponder's own `/ready` stays 200 while its RPC hangs.
 */
export const chainStatusSql = `
  select
    chain_id::text as "chainId",
    substring(reached, 27, 16)::bigint::text as "block",
    substring(reached, 1, 10)::bigint::text as "timestamp",
    substring(finalized_checkpoint, 27, 16)::bigint::text as "finalBlock",
    ready
  from (
    select *, case when ready then latest_checkpoint else safe_checkpoint end as reached
    from chain._ponder_checkpoint, (
      select coalesce(value ->> 'is_ready' = '1', false) as ready from chain._ponder_meta where key = 'app'
    ) as app
  ) as checkpoint`;

const protocolStatusSql = `${chainStatusSql} where chain_name = '${protocolChain}'`;

type Query = (text: string) => Promise<readonly object[]>;
type Row = { chainId: string; block: string; timestamp: string; finalBlock: string; ready: boolean };

/**
 * How far the index of the protocol's chain reaches, read through any client: `readChainStatus((text) => sql.unsafe(text))`.
 * @returns `undefined` while nothing can be read yet.
 */
export const readChainStatus = async (query: Query): Promise<ChainStatus | undefined> =>
  (await readStatuses(query, protocolStatusSql))[0];

/** As {@link readChainStatus}, for every chain that is indexed; empty while nothing can be read yet. */
export const readChainStatuses = (query: Query): Promise<readonly ChainStatus[]> => readStatuses(query, chainStatusSql);

const readStatuses = async (query: Query, text: string): Promise<readonly ChainStatus[]> => {
  try {
    const rows = (await query(text)) as readonly Row[];
    return rows.map((row) => ({
      chainId: BigInt(row.chainId),
      block: BigInt(row.block),
      timestamp: BigInt(row.timestamp),
      finalBlock: BigInt(row.finalBlock),
      ready: row.ready,
    }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === '42P01' || error.code === '3F000')) return [];
    throw error;
  }
};
