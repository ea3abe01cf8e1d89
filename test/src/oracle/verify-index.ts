import { setTimeout as wait } from 'node:timers/promises';
import type { Manifest } from '@openledger/protocol/deploy';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { compareTables, describe, type TableReport } from './compare.ts';
import { apply, emptyState } from './fold.ts';
import { blockHash, ChainMoved, readEvents } from './reader.ts';
import { createRpc, type Rpc, RpcError, toHex } from './rpc.ts';
import type { State } from './state.ts';

export type VerifyOptions = {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly manifest: Manifest;
  /** The schema of the index's views. */
  readonly schema?: string;
  readonly onProgress?: (message: string) => void;
};

export type Verdict = {
  /** The block that both were compared at. */
  readonly block: bigint;
  readonly events: number;
  readonly tables: readonly TableReport[];
  /** Rows of the index. */
  readonly rows: number;
  /** Rows that differ. */
  readonly differences: number;
};

/** The index cannot be compared: nothing is there yet, or something does not answer. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
}

const attempts = 3;
const pauseMs = 2_000;

/**
 * Compares every row of the index with what the oracle makes of the chain, at the block that the index has reached.
 *
 * The chain may be reorganised between the look at the database and the reading of the chain, and the index then tells
 * of blocks that are no more. So what differs is looked at again, after the index had time to follow; what differs each
 * time counts.
 *
 * @throws VerifyError
 */
export async function verifyIndex(options: VerifyOptions): Promise<Verdict> {
  const { onProgress = () => {} } = options;
  const rpc = createRpc(options.rpcUrl);
  const sql = postgres(options.databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await checkChain(rpc, options.manifest);
    for (let attempt = 1; ; attempt++) {
      const verdict = await once(sql, rpc, options).catch((error: unknown) => {
        if (!(error instanceof ChainMoved) || attempt === attempts) throw error;
        onProgress(`the chain moved: ${error.message}`);
        return undefined;
      });
      if (verdict !== undefined && (verdict.differences === 0 || attempt === attempts)) return verdict;
      const first = verdict?.tables.find((table) => table.first !== undefined)?.first;
      if (first !== undefined) onProgress(`${describe(first)}; looking again`);
      await wait(pauseMs);
    }
  } catch (error) {
    throw explained(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function once(sql: Sql, rpc: Rpc, options: VerifyOptions): Promise<Verdict> {
  const { manifest, schema = 'chain', onProgress = () => {} } = options;
  return await sql.begin('isolation level repeatable read read only', async (snapshot) => {
    const block = await indexedBlock(snapshot, schema, manifest.chainId);
    const before = await blockHash(rpc, block);
    const { state, events } = await foldChain({ rpc, manifest, toBlock: block, onProgress });
    if ((await blockHash(rpc, block)) !== before) throw new ChainMoved(`block ${block} was replaced`);
    const tables = await compareTables(snapshot, schema, state.tables, (report) => {
      onProgress(`${report.table}: ${report.indexed} rows`);
    });
    return {
      block,
      events,
      tables,
      rows: tables.reduce((sum, { indexed }) => sum + indexed, 0),
      differences: tables.reduce((sum, { missing, extra, changed }) => sum + missing + extra + changed, 0),
    };
  });
}

/** What the oracle makes of a chain, from the deployment's first block to `toBlock`. @throws ChainMoved, RpcError */
export async function foldChain(options: {
  readonly rpc: Rpc;
  readonly manifest: Manifest;
  readonly toBlock: bigint;
  /** Blocks to one eth_getLogs at most. */
  readonly pageBlocks?: bigint;
  readonly onProgress?: (message: string) => void;
}): Promise<{ readonly state: State; readonly events: number }> {
  const { onProgress = () => {} } = options;
  const state = emptyState(options.manifest);
  let events = 0;
  const told = (block: bigint) =>
    onProgress(`read the chain to block ${block} of ${options.toBlock}, ${events} events`);
  for await (const event of readEvents({ ...options, onProgress: told })) {
    apply(state, event);
    events++;
  }
  return { state, events };
}

/** Where the index stands. Its checkpoint: 10 digits of seconds, 16 of the chain, 16 of the block, then places in it. */
async function indexedBlock(sql: TransactionSql, schema: string, chainId: bigint): Promise<bigint> {
  const [row] = await sql<{ block: string }[]>`
    select substring(latest_checkpoint, 27, 16)::bigint::text as block
    from ${sql(schema)}._ponder_checkpoint where chain_id = ${chainId.toString()}`;
  if (row === undefined) throw new VerifyError(`The index in schema ${schema} holds nothing of chain ${chainId}.`);
  return BigInt(row.block);
}

async function checkChain(rpc: Rpc, { chainId, genesisHash }: Manifest): Promise<void> {
  const found = BigInt(await rpc<string>('eth_chainId', []));
  if (found !== chainId) throw new VerifyError(`CHAIN_RPC_URL leads to chain ${found}, the manifest is of ${chainId}.`);
  const genesis = await rpc<{ hash: string } | null>('eth_getBlockByNumber', [toHex(0n), false]);
  if (genesis !== null && genesis.hash !== genesisHash) {
    throw new VerifyError(
      `CHAIN_RPC_URL leads to a chain that begins with ${genesis.hash}, the manifest's with ${genesisHash}.`,
    );
  }
}

function explained(error: unknown): Error {
  if (error instanceof RpcError) return new VerifyError(`CHAIN_RPC_URL: ${error.message}`, { cause: error });
  if (!(error instanceof Error) || !('code' in error)) return error as Error;
  if (error.code === '42P01' || error.code === '3F000') {
    return new VerifyError(
      'DATABASE_URL: nothing is indexed there yet; start the indexer and wait until it is ready.',
      {
        cause: error,
      },
    );
  }
  return new VerifyError(`DATABASE_URL: ${error.message || error.code}`, { cause: error });
}
