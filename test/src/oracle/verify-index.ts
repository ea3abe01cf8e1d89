import { setTimeout as wait } from 'node:timers/promises';
import type { Published, PublishedChain } from '@openledger/indexer';
import type { PublishedContract } from '@openledger/protocol/abi';
import type { Manifest } from '@openledger/protocol/deploy';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { compareTables, describe, type TableReport } from './compare.ts';
import { contractsOf } from './decoder.ts';
import { apply, applyPublished, emptyState } from './fold.ts';
import { blockHash, ChainMoved, readEvents, type Source } from './reader.ts';
import { createRpc, type Rpc, RpcError, toHex } from './rpc.ts';
import type { Fold, State } from './state.ts';

export type VerifyOptions = {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly manifest: Manifest;
  /** The chains with OpenLedger's published contracts; none when left out. */
  readonly published?: Published;
  /** The schema of the index's views. */
  readonly schema?: string;
  readonly onProgress?: (message: string) => void;
};

export type Verdict = {
  /** The block of the protocol's chain that both were compared at. */
  readonly block: bigint;
  /** And those of the chains with published contracts. */
  readonly published: readonly { readonly name: string; readonly block: bigint }[];
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
  const chains = publishedChains(options.published ?? {});
  const sql = postgres(options.databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await checkChain(rpc, options.manifest);
    for (const { rpc, variable, source } of chains) await checkId(rpc, variable, source.chainId, 'its configuration');
    for (let attempt = 1; ; attempt++) {
      const verdict = await once(sql, rpc, chains, options).catch((error: unknown) => {
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

export type ReadChain = {
  readonly name: string;
  readonly variable: string;
  readonly rpc: Rpc;
  readonly source: Source;
};

async function once(sql: Sql, rpc: Rpc, chains: readonly ReadChain[], options: VerifyOptions): Promise<Verdict> {
  const { manifest, schema = 'chain', onProgress = () => {} } = options;
  return await sql.begin('isolation level repeatable read read only', async (snapshot) => {
    const block = await indexedBlock(snapshot, schema, manifest.chainId);
    const published: (ReadChain & { toBlock: bigint })[] = [];
    for (const chain of chains) {
      published.push({ ...chain, toBlock: await indexedBlock(snapshot, schema, chain.source.chainId) });
    }
    const ends = [{ rpc, toBlock: block }, ...published];
    const hashes = () => Promise.all(ends.map(({ rpc, toBlock }) => blockHash(rpc, toBlock)));
    const before = await hashes();
    const { state, events } = await foldChain({ rpc, manifest, published, toBlock: block, onProgress });
    const after = await hashes();
    for (const [i, { toBlock }] of ends.entries()) {
      if (after[i] !== before[i]) throw new ChainMoved(`block ${toBlock} was replaced`);
    }
    const tables = await compareTables(snapshot, schema, state.tables, (report) => {
      onProgress(`${report.table}: ${report.indexed} rows`);
    });
    return {
      block,
      published: published.map(({ name, toBlock }) => ({ name, block: toBlock })),
      events,
      tables,
      rows: tables.reduce((sum, { indexed }) => sum + indexed, 0),
      differences: tables.reduce((sum, { missing, extra, changed }) => sum + missing + extra + changed, 0),
    };
  });
}

/**
 * What the oracle makes of the protocol's chain, from the deployment's first block to `toBlock`, and of the chains with
 * published contracts, each up to a block of its own.
 * @throws ChainMoved, RpcError
 */
export async function foldChain(options: {
  readonly rpc: Rpc;
  readonly manifest: Manifest;
  readonly published?: readonly { readonly rpc: Rpc; readonly source: Source; readonly toBlock: bigint }[];
  readonly toBlock: bigint;
  /** Blocks to one eth_getLogs at most. */
  readonly pageBlocks?: bigint;
  readonly onProgress?: (message: string) => void;
}): Promise<{ readonly state: State; readonly events: number }> {
  const { rpc, manifest, toBlock, published = [], pageBlocks, onProgress = () => {} } = options;
  const state = emptyState(manifest);
  let events = 0;
  const read = async (chain: { rpc: Rpc; source: Source; toBlock: bigint }, apply: Fold, what: string) => {
    const told = (block: bigint) => onProgress(`read ${what} to block ${block} of ${chain.toBlock}, ${events} events`);
    for await (const event of readEvents({ ...chain, ...(pageBlocks && { pageBlocks }), onProgress: told })) {
      apply(state, event);
      events++;
    }
  };
  const { chainId, startBlock } = manifest;
  await read({ rpc, source: { chainId, startBlock, contracts: contractsOf(manifest) }, toBlock }, apply, 'the chain');
  for (const chain of published) await read(chain, applyPublished, `chain ${chain.source.chainId}`);
  return { state, events };
}

/** The chains with published contracts, and a way to each. */
export function publishedChains(published: Published): ReadChain[] {
  return Object.entries(published).map(
    ([name, { rpcUrls, chainId, startBlock, contracts }]: [string, PublishedChain]) => {
      const variable = `${name.toUpperCase()}_RPC_URL`;
      const named = Object.entries(contracts) as [PublishedContract, readonly string[]][];
      const byAddress = new Map(named.flatMap(([contract, at]) => at.map((address) => [address, contract] as const)));
      const source = { chainId, startBlock, contracts: byAddress };
      return { name, variable, rpc: createRpc(rpcUrls[0]!, variable), source };
    },
  );
}

/** Where the index stands. Its checkpoint: 10 digits of seconds, 16 of the chain, 16 of the block, then places in it. */
async function indexedBlock(sql: TransactionSql, schema: string, chainId: bigint): Promise<bigint> {
  const [row] = await sql<{ block: string }[]>`
    select substring(latest_checkpoint, 27, 16)::bigint::text as block
    from ${sql(schema)}._ponder_checkpoint where chain_id = ${chainId.toString()}`;
  if (row === undefined) throw new VerifyError(`The index in schema ${schema} holds nothing of chain ${chainId}.`);
  return BigInt(row.block);
}

async function checkId(rpc: Rpc, variable: string, chainId: bigint, said: string): Promise<void> {
  const found = BigInt(await rpc<string>('eth_chainId', []));
  if (found !== chainId) throw new VerifyError(`${variable} leads to chain ${found}, ${said} is of ${chainId}.`);
}

async function checkChain(rpc: Rpc, { chainId, genesisHash }: Manifest): Promise<void> {
  await checkId(rpc, 'CHAIN_RPC_URL', chainId, 'the manifest');
  const genesis = await rpc<{ hash: string } | null>('eth_getBlockByNumber', [toHex(0n), false]);
  if (genesis !== null && genesis.hash !== genesisHash) {
    throw new VerifyError(
      `CHAIN_RPC_URL leads to a chain that begins with ${genesis.hash}, the manifest's with ${genesisHash}.`,
    );
  }
}

function explained(error: unknown): Error {
  if (error instanceof RpcError) return new VerifyError(`${error.variable}: ${error.message}`, { cause: error });
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
