/** How far the live index reaches on the protocol's chain. */
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
 * Reads how far the live index reaches on the protocol's chain. One row, once the first index is complete; before that, and while a changed
 * chain is indexed anew, the views are absent and Postgres answers 42P01 (undefined table): nothing can be read yet.
 *
 * Ponder keeps two tables beside its own, and views of them beside the others: `_ponder_checkpoint`, one row for each
 * chain, updated in the transaction that writes a block's rows, and `_ponder_meta`, whose JSON says `is_ready`. A
 * checkpoint is 75 digits: 10 of Unix seconds, 16 of the chain, 16 of the block, then places within the block.
 *
 * Lag is the chain's head minus `block`; Ponder's own `/ready` stays 200 while its RPC hangs.
 */
export const chainStatusSql = `
  select
    chain_id::text as "chainId",
    substring(latest_checkpoint, 27, 16)::bigint::text as "block",
    substring(latest_checkpoint, 1, 10)::bigint::text as "timestamp",
    substring(finalized_checkpoint, 27, 16)::bigint::text as "finalBlock",
    (select value ->> 'is_ready' = '1' from chain._ponder_meta where key = 'app') as "ready"
  from chain._ponder_checkpoint where chain_name = '${protocolChain}'`;

type Row = { chainId: string; block: string; timestamp: string; finalBlock: string; ready: boolean };

/**
 * Runs {@link chainStatusSql} through any client: `readChainStatus((text) => sql.unsafe(text))`.
 * @returns `undefined` while nothing can be read yet.
 */
export const readChainStatus = async (
  query: (text: string) => Promise<readonly object[]>,
): Promise<ChainStatus | undefined> => {
  try {
    const [row] = (await query(chainStatusSql)) as readonly Row[];
    if (row === undefined) return undefined;
    return {
      chainId: BigInt(row.chainId),
      block: BigInt(row.block),
      timestamp: BigInt(row.timestamp),
      finalBlock: BigInt(row.finalBlock),
      ready: row.ready,
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === '42P01' || error.code === '3F000'))
      return undefined;
    throw error;
  }
};
