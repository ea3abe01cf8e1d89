import { setTimeout as wait } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { type BlockRef, type Chain, openChain } from './chain.ts';
import { ConfigError, type IndexerConfig } from './config.ts';
import { checkPostgres } from './database.ts';
import { deploymentName } from './deployment-name.ts';
import { finalBlock, judge, type Verdict } from './identity.ts';
import { clearStaleMark, takeLock } from './lock.ts';
import {
  addAnchor,
  createMemory,
  deploymentsOf,
  dropAnchorsAbove,
  dropDeployment,
  forgetChain,
  rememberChain,
} from './memory.ts';

export type Log = (message: string, details?: Record<string, unknown>) => void;

/** The schema whose tables are read; Ponder keeps views of the live deployment's tables in it. */
export const viewsSchema = 'chain';

/** Milliseconds between two notes of the chain's newest blocks. */
const anchorInterval = 2_000;
/** Seconds to wait for a chain that was cut short to grow again. */
const regrowth = 20;

export type PreparedIndexer = {
  /** Where this index lives. */
  schema: string;
  /** The index that is already there is continued. */
  resumes: boolean;
  /** From now on, notes the chain's newest blocks, and tells why indexing has to stop, should it have to. */
  watch: (stop: (because: string) => void) => void;
  close: () => Promise<void>;
};

/**
 * Makes the database fit to be indexed into: alone, from the chain that answers now, and without waiting for the dead.
 *
 * @throws ConfigError when chain, manifest and database do not fit together; the message names the variable to change.
 */
export const prepareIndexer = async (config: IndexerConfig, log: Log): Promise<PreparedIndexer> => {
  let stop = (_because: string) => {};
  await checkPostgres(config.databaseUrl);
  const sql = connect(config.databaseUrl, () =>
    stop('the connection that holds the database lock broke, and two indexers must never write at once'),
  );
  try {
    await takeLock(sql);
    await createMemory(sql);
    const chain = await openChain(config.rpcUrls[0] ?? '');
    const start = await startBlock(chain, config);

    const verdict = await settledVerdict(sql, chain, log);
    if (verdict.kind === 'behind' && !config.isLocal) {
      throw new ConfigError(
        `CHAIN_RPC_URL answers with block ${verdict.head} as the newest; to go on from what is indexed it must have ${verdict.until}`,
      );
    }
    if (verdict.kind === 'changed' || verdict.kind === 'behind') {
      log('The chain has changed; what was indexed of it is dropped and indexed anew', {
        chainId: String(chain.id),
        because:
          verdict.kind === 'changed' ? verdict.because : `it ends at block ${verdict.head}, before ${verdict.until}`,
      });
    }
    if (verdict.kind !== 'same') await forgetChain(sql, chain.id);

    const schema = deploymentName(chain.genesisHash, config.manifest);
    const standing = await deploymentsOf(sql, chain.id);
    await rememberChain(sql, chain.id, { genesisHash: chain.genesisHash, start }, schema);
    await dropOutdated(sql, standing, schema, log);
    await clearStaleMark(sql, schema);
    const head = await chain.head();
    await dropAnchorsAbove(sql, chain.id, head.number);
    await addAnchor(sql, chain.id, head);
    return {
      schema,
      resumes: standing.includes(schema),
      watch: (onStop) => {
        stop = onStop;
        noteAnchors(sql, chain, start, (because) => stop(because));
      },
      close: () => sql.end({ timeout: 1 }),
    };
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw asConfigError(error);
  }
};

/** One connection, kept: the lock lives as long as it does. */
const connect = (url: string, onClose: () => void): Sql =>
  postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    connection: { application_name: 'openledger_indexer' },
    onnotice: () => {},
    onclose: onClose,
  });

const startBlock = async (chain: Chain, { manifest, rpcUrls }: IndexerConfig) => {
  const origin = new URL(rpcUrls[0] ?? '').origin;
  if (chain.id !== manifest.chainId) {
    throw new ConfigError(
      `CHAIN_RPC_URL ${origin} is chain ${chain.id}, but the contracts are deployed on chain ${manifest.chainId}: ` +
        'set CHAIN_RPC_URL or CONTRACTS_FILE to the other',
    );
  }
  if (manifest.genesisHash !== undefined && manifest.genesisHash !== chain.genesisHash) {
    throw new ConfigError(
      `CONTRACTS_FILE describes a deployment on a chain that begins with ${manifest.genesisHash}; the chain at ${origin} ` +
        `begins with ${chain.genesisHash}: it was reset, deploy the contracts again`,
    );
  }
  const hash = await chain.hashAt(manifest.startBlock);
  if (hash === undefined) {
    throw new ConfigError(
      `CONTRACTS_FILE says the contracts stand since block ${manifest.startBlock}; the chain at ${origin} ends at block ` +
        `${(await chain.head()).number}: it lost them, deploy the contracts again`,
    );
  }
  return { number: manifest.startBlock, hash };
};

/** Gives a chain that was cut short a little time to grow again before it counts as behind. */
const settledVerdict = async (sql: Sql, chain: Chain, log: Log): Promise<Verdict> => {
  let verdict = await judge(sql, chain);
  for (let second = 0; verdict.kind === 'behind' && second < regrowth; second++) {
    if (second === 0) {
      log('The chain lost its newest blocks; waiting for it to grow again', {
        head: String(verdict.head),
        until: String(verdict.until),
      });
    }
    await wait(1_000);
    verdict = await judge(sql, chain);
  }
  return verdict;
};

/** Keeps, of earlier deployments, only the one that is being read. */
const dropOutdated = async (sql: Sql, standing: readonly string[], current: string, log: Log) => {
  const read = await sql<{ schema: string }[]>`
    select distinct table_schema as schema from information_schema.view_table_usage where view_schema = ${viewsSchema}`;
  for (const schema of standing) {
    if (schema === current || read.some((row) => row.schema === schema)) continue;
    await dropDeployment(sql, schema);
    log('Dropped an index that is no longer read', { schema });
  }
};

/** Notes the newest and the newest final block every few seconds, unless what was noted is no longer true. */
const noteAnchors = (sql: Sql, chain: Chain, start: BlockRef, stop: (because: string) => void) => {
  const noted = { head: start, final: start };
  const note = async () => {
    try {
      for (const { number, hash } of [start, noted.final]) {
        const now = await chain.hashAt(number);
        if (now !== undefined && now !== hash) return stop(`block ${number} of the chain is another one than before`);
      }
      noted.head = await noteBlock(sql, chain, noted.head, await chain.head());
      const number = await finalBlock(sql, chain.id);
      const hash = number > noted.final.number ? await chain.hashAt(number) : undefined;
      if (hash !== undefined) noted.final = await noteBlock(sql, chain, noted.final, { number, hash });
    } catch {
      // A chain or database that does not answer now is Ponder's to report; the next look may succeed.
    }
    setTimeout(note, anchorInterval).unref();
  };
  void note();
};

const noteBlock = async (sql: Sql, chain: Chain, before: BlockRef, block: BlockRef): Promise<BlockRef> => {
  if (block.hash !== before.hash) await addAnchor(sql, chain.id, block);
  return block;
};

const asConfigError = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof ConfigError) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (['ECONNREFUSED', 'ENOTFOUND', 'CONNECT_TIMEOUT', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code)) {
    return new ConfigError(`DATABASE_URL does not lead to a PostgreSQL server: ${error.message || code}`);
  }
  if (['28P01', '28000', '3D000'].includes(code)) return new ConfigError(`DATABASE_URL is refused: ${error.message}`);
  if (code === '42501')
    return new ConfigError(`DATABASE_URL names a user who may not create schemas: ${error.message}`);
  return error;
};
