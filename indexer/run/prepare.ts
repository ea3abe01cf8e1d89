import { setTimeout as wait } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { openDoor, originOf } from '../rpc/index.ts';
import { type BlockRef, type Chain, identityOf, openChain } from './chain.ts';
import { ConfigError, type IndexerConfig } from './config.ts';
import { checkPostgres } from './database.ts';
import { deploymentName } from './deployment-name.ts';
import { expectChain } from './doors.ts';
import { createFreshness, type Freshness } from './freshness.ts';
import { endHalt, halt } from './halt.ts';
import { judge, type Shortness, type Verdict } from './identity.ts';
import { type IndexedChain, indexedChains } from './indexed-chains.ts';
import { clearStaleMark, takeLock } from './lock.ts';
import {
  createMemory,
  deploymentsOf,
  dropAnchorsAbove,
  dropDeployment,
  forgetChain,
  recallChain,
  rememberChain,
} from './memory.ts';
import { noteHead, watchChain } from './watch.ts';

export type Log = (message: string, details?: Record<string, unknown>) => void;

/** The schema whose tables are read; Ponder keeps views of the live deployment's tables in it. */
export const viewsSchema = 'chain';

/** Seconds to wait for a chain that was cut short to grow again. */
const regrowth = 20;

/** What was indexed is no longer on its chain, and nothing is served until somebody decides. */
export class HaltedError extends Error {
  override readonly name = 'HaltedError';
  readonly chainId: bigint;

  constructor(chainId: bigint, reason: string) {
    super(reason);
    this.chainId = chainId;
  }
}

const lostLock = 'the connection that holds the database lock broke, and two indexers must never write at once';

/** The database went away during the start; another start finds what there is by then. */
export class LostLockError extends Error {
  override readonly name = 'LostLockError';

  constructor() {
    super(lostLock);
  }
}

export type PreparedIndexer = {
  /** Where this index lives. */
  schema: string;
  /** The index that is already there is continued. */
  resumes: boolean;
  /** The connection that holds the lock. */
  sql: Sql;
  /** How fresh each chain's head is, the protocol's first. */
  chains: readonly { chainId: bigint; freshness: Freshness }[];
  /** From now on, watches the chains, and tells why indexing has to stop, should it have to; nothing is served by then. */
  watch: (stop: (because: string) => void) => void;
  close: () => Promise<void>;
};

type Found = { indexed: IndexedChain; chain: Chain; start: BlockRef; freshness: Freshness };

/**
 * Makes the database fit to be indexed into: alone, from the chains that answer now, and without waiting for the dead.
 *
 * @throws ConfigError when chain, manifest and database do not fit together; the message names the variable to change.
 * @throws HaltedError when a chain changed and the configuration says to stop then.
 */
export const prepareIndexer = async (config: IndexerConfig, log: Log): Promise<PreparedIndexer> => {
  let isLost = false;
  let stop = (_because: string) => {};
  await checkPostgres(config.databaseUrl);
  const sql = connect(config.databaseUrl, () => {
    isLost = true;
    stop(lostLock);
  });
  try {
    await takeLock(sql);
    await createMemory(sql);
    const found: Found[] = [];
    for (const indexed of indexedChains(config))
      found.push(await settle(sql, await open(sql, indexed, log), config, log));
    const [protocol] = found;
    if (protocol === undefined) throw new Error('The protocol has a chain');

    const schema = deploymentName(protocol.chain.genesisHash, config.manifest, config.published);
    const standing = await deploymentsOf(sql, protocol.chain.id);
    for (const { chain, start } of found) {
      await rememberChain(sql, chain.id, { genesisHash: chain.genesisHash, start }, schema);
      const head = await chain.head();
      await dropAnchorsAbove(sql, chain.id, head.number);
      await noteHead(sql, chain, start, head);
    }
    await dropOutdated(sql, standing, schema, log);
    await clearStaleMark(sql, schema);
    if (isLost) throw new LostLockError();
    return {
      schema,
      resumes: standing.includes(schema),
      sql,
      chains: found.map(({ chain, freshness }) => ({ chainId: chain.id, freshness })),
      watch: (onStop) => {
        stop = onStop;
        if (isLost) return stop(lostLock);
        for (const { chain, start, freshness } of found) {
          const onChange = async (because: string) => {
            await halt(sql, viewsSchema, chain.id, because).catch(() => {});
            stop(because);
          };
          watchChain({ sql, chain, start, freshness, onChange: (because) => void onChange(because) });
        }
      },
      close: async () => {
        stop = () => {};
        await sql.end({ timeout: 1 });
      },
    };
  } catch (error) {
    // The driver connects again by itself, perhaps to a database made anew: whatever then failed, failed for that.
    const cause = isLost ? new LostLockError() : asConfigError(error);
    await sql.end({ timeout: 1 });
    throw cause;
  }
};

/** One connection, kept: the lock lives as long as it does. */
export const connect = (url: string, onClose: () => void = () => {}): Sql =>
  postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    connection: { application_name: 'openledger_indexer' },
    onnotice: () => {},
    onclose: onClose,
  });

/** Finds a chain behind its nodes, with the deployment on it. */
export const open = async (sql: Sql, indexed: IndexedChain, log: Log): Promise<Found> => {
  const { variable, chainId, start, urls, concurrency, watched, depth } = indexed;
  const expected = indexed.genesisHash ?? (await recallChain(sql, chainId))?.genesisHash;
  const { id, genesisHash } = await identityOf({ variable, urls, chainId, genesisHash: expected, log });
  const origin = originsOf(urls);
  if (id !== chainId) {
    throw new ConfigError(
      `${variable} ${origin} is chain ${id}, but the contracts are deployed on chain ${chainId}: set ${variable} or ` +
        `${indexed.source} to the other`,
    );
  }
  if (indexed.genesisHash !== undefined && indexed.genesisHash !== genesisHash) {
    throw new ConfigError(
      `${indexed.source} describes a deployment on a chain that begins with ${indexed.genesisHash}; the chain at ${origin} ` +
        `begins with ${genesisHash}: it was reset, deploy the contracts again`,
    );
  }
  const door = openDoor({ urls, chainId, genesisHash, concurrency, watched, depth, log });
  expectChain(chainId, { genesisHash, head: door.head });
  const chain = await openChain(door, { variable, urls, chainId, genesisHash, log });
  const hash = await chain.hashAt(start);
  if (hash === undefined) {
    throw new ConfigError(
      `${indexed.startSource} says the contracts stand since block ${start}; the chain at ${origin} ends at block ` +
        `${(await chain.head()).number}: it lost them, deploy the contracts again`,
    );
  }
  return { indexed, chain, start: { number: start, hash }, freshness: createFreshness() };
};

/** Makes sure that what is indexed of a chain is still on it: forgets it, or refuses to go on, where it is not. */
const settle = async (sql: Sql, found: Found, config: IndexerConfig, log: Log): Promise<Found> => {
  const { chain, indexed } = found;
  const verdict = await settledVerdict(sql, chain, log);
  const mayReindex = config.onChainChange === 'reindex';
  if (verdict.kind === 'behind' && !mayReindex) {
    throw new ConfigError(
      `${indexed.variable} answers with block ${verdict.head} as the newest; to go on from what is indexed it must have ${verdict.until}`,
    );
  }
  if (verdict.kind === 'changed' && !mayReindex) {
    await halt(sql, viewsSchema, chain.id, verdict.because);
    throw new HaltedError(chain.id, verdict.because);
  }
  if (verdict.kind === 'changed' || verdict.kind === 'behind') {
    log('The chain has changed; what was indexed of it is dropped and indexed anew', {
      chainId: String(chain.id),
      because:
        verdict.kind === 'changed' ? verdict.because : `it ends at block ${verdict.head}, before ${verdict.until}`,
    });
  }
  if (verdict.kind !== 'same') await forgetChain(sql, chain.id);
  await endHalt(sql, chain.id);
  return found;
};

/** Gives a chain that was cut short a little time to grow again before it counts as behind, or as another. */
const settledVerdict = async (sql: Sql, chain: Chain, log: Log): Promise<Verdict> => {
  let verdict = await judge(sql, chain);
  let short = shortnessOf(verdict);
  for (let second = 0; short !== undefined && second < regrowth; second++) {
    if (second === 0) {
      log('The chain lost its newest blocks; waiting for it to grow again', {
        head: String(short.head),
        until: String(short.until),
      });
    }
    await wait(1_000);
    verdict = await judge(sql, chain);
    short = shortnessOf(verdict);
  }
  return verdict;
};

const shortnessOf = (verdict: Verdict): Shortness | undefined => {
  if (verdict.kind === 'behind') return verdict;
  return verdict.kind === 'changed' ? verdict.short : undefined;
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

export const asConfigError = (error: unknown): unknown => {
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

const originsOf = (urls: readonly string[]) => [...new Set(urls.map(originOf))].join(', ');
