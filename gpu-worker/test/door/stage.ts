import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createDatabase, migrate } from '@openledger/db';
import { chainDdl, createTestDatabase } from '@openledger/db/testing';
import type { Hex } from '@openledger/protocol';
import { coreContracts, type Manifest, writeManifest } from '@openledger/protocol/deploy';
import OpenAI from 'openai';
import { readConfig, startWorker, type Worker, type WorkerOptions } from '../../src/serving/worker.ts';

/** The worker's account: the first of the well-known development ones. */
export const workerKey = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

export const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
export const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`;

/** A database with the chain's tables, and the file that says which chain they are of. */
export type Stage = {
  readonly connection: Connection;
  readonly manifest: Manifest;
  readonly env: Readonly<Record<string, string>>;
  /** Starts a worker over it. */
  readonly start: (more?: Readonly<Record<string, string>>, options?: WorkerOptions) => Promise<Worker>;
  readonly close: () => Promise<void>;
};

export const openStage = async (postgresUrl: string): Promise<Stage> => {
  const database = await createTestDatabase(postgresUrl);
  const connection = createDatabase({ url: database.url, max: 4 });
  await connection.sql.unsafe(chainDdl().join(';'));
  await migrate(database.url);
  const folder = await mkdtemp(join(tmpdir(), 'openledger-door-'));
  const manifest: Manifest = {
    chainId: 31337n,
    genesisHash: hash(0xabc),
    startBlock: 0n,
    contracts: Object.fromEntries(coreContracts.map((name, at) => [name, address(at + 1)])) as Manifest['contracts'],
    vesting: [],
    treasury: address(0xfe),
  };
  const contracts = join(folder, 'deployment.json');
  await writeManifest(contracts, manifest);
  const env = {
    DATABASE_URL: database.url,
    // No node is there: what needs one says so.
    CHAIN_RPC_URL: 'http://127.0.0.1:9',
    CONTRACTS_FILE: contracts,
    WORKER_KEY: workerKey,
    WORKER_PORT: '0',
    WORKER_PROVIDERS: 'cpu',
    WORKER_ALLOW_FILES: 'on',
    WORKER_ROWS: '4',
    WORKER_QUEUE: '8',
    WORKER_THREADS: '1',
    WORKER_CACHE_DIR: join(folder, 'adapters'),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
  };
  return {
    connection,
    manifest,
    env,
    start: (more = {}, options = {}) => startWorker(readConfig({ ...env, ...more }), options),
    close: async () => {
      await connection.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
};

/** The official client of a worker. */
export const clientOf = ({ url }: Worker, apiKey = 'nothing', headers: Record<string, string> = {}): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, defaultHeaders: headers });
