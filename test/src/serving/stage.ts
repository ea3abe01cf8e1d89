import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Connection, createDatabase, migrate } from '@openledger/db';
import { deployment, model, modelVersion } from '@openledger/db/chain';
import { chainDdl, startTestDatabase } from '@openledger/db/testing';
import { readBase } from '@openledger/gpu-worker/base';
import { coreContracts, type Manifest, writeManifest } from '@openledger/protocol/deploy';
import { computeAddress, id as idOf } from 'ethers';
import { attention8, type StoredAdapter, writeAdapters } from '../bench/serving/adapters.ts';

type Hex = `0x${string}`;

/** The worker's account: the first of the well-known development ones. */
const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
export const workerAddress = computeAddress(key).toLowerCase() as Hex;

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`;
const provenance = { createdBlock: 1n, createdAt: 1_790_000_000n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n };

/** What a worker needs: a database in which models are published and deployed on it, and their adapters' files. */
export type Stage = {
  readonly connection: Connection;
  /** Of the worker's process. */
  readonly env: Readonly<Record<string, string>>;
  /** Names by which models are asked whose adapters are as they should be. */
  readonly models: readonly string[];
  /** Those of models whose adapter has another hash, is not there, or is for another base. */
  readonly broken: readonly string[];
  readonly close: () => Promise<void>;
};

export const baseFolder = resolve(import.meta.dirname, '../../../gpu-worker/base');

/** @param adapters how many models with an adapter of their own there are, besides three with a bad one. */
export const openStage = async ({ adapters: count }: { readonly adapters: number }): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-served-'));
  await chmod(folder, 0o755);
  const server = await startTestDatabase();
  const url = await server.create();
  const connection = createDatabase({ url, max: 4 });
  const close = async () => {
    await connection.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await connection.sql.unsafe(chainDdl().join(';'));
    await migrate(url);
    const good = await writeAdapters(join(folder, 'adapters'), await readBase(baseFolder), attention8, count);
    const bad = await badAdapters(folder, good[0]!);
    const models = await publish(connection, [...good, ...bad]);
    const contracts = join(folder, 'deployment.json');
    await writeManifest(contracts, manifest);
    const env = {
      DATABASE_URL: url,
      // No node is there: nothing that is asked here needs one.
      CHAIN_RPC_URL: 'http://127.0.0.1:9',
      CONTRACTS_FILE: contracts,
      WORKER_KEY: key,
      WORKER_BASE: baseFolder,
      WORKER_PORT: '0',
      WORKER_ACCESS: 'open',
      WORKER_ALLOW_FILES: 'on',
      WORKER_MAX_RANK: `${attention8.rank}`,
      WORKER_CACHE_DIR: join(folder, 'cache'),
      LOG_LEVEL: 'info',
    };
    return { connection, env, models: models.slice(0, count), broken: models.slice(count), close };
  } catch (error) {
    await close();
    throw error;
  }
};

const manifest: Manifest = {
  chainId: 31337n,
  genesisHash: hash(0xabc),
  startBlock: 0n,
  contracts: Object.fromEntries(coreContracts.map((name, at) => [name, address(at + 1)])) as Manifest['contracts'],
  vesting: [],
  treasury: address(0xfe),
};

const badAdapters = async (folder: string, good: StoredAdapter): Promise<readonly StoredAdapter[]> => {
  const small = join(folder, 'small');
  const base = await readBase(baseFolder);
  const [written] = await writeAdapters(small, base, { rank: 2 * attention8.rank, targets: attention8.targets }, 1);
  const garbled = join(folder, 'garbled');
  const [other] = await writeAdapters(garbled, base, attention8, 1);
  await writeFile(join(other!.folder, 'adapter_config.json'), '{');
  return [
    { hash: hash(0xbad), folder: good.folder },
    { hash: hash(0xdead), folder: join(folder, 'nowhere') },
    { hash: other!.hash, folder: other!.folder },
    // Of a rank that this worker does not take.
    written!,
  ];
};

/** Writes models as the indexer would, deployed on the worker, free of charge. @returns their names. */
const publish = async ({ db }: Connection, adapters: readonly StoredAdapter[]): Promise<readonly string[]> => {
  const numbered = adapters.map((adapter, at) => ({ ...adapter, id: BigInt(at + 1) }));
  for (let at = 0; at < numbered.length; at += 500) {
    const some = numbered.slice(at, at + 500);
    await db.insert(model).values(
      some.map(({ id }) => ({
        ...{
          id,
          owner: address(0x501),
          baseModelId: idOf('openledger/base') as Hex,
          name: `Tutor ${id}`,
          uri: 'ipfs://card',
        },
        ...{ status: 'active' as const, inPer1k: 0n, outPer1k: 0n },
        ...{ inferences: 0n, inTokens: 0n, outTokens: 0n, fees: 0n },
        ...provenance,
      })),
    );
    await db.insert(modelVersion).values(
      some.map(({ id, hash: adapterHash, folder }) => ({
        ...{ modelId: id, version: 1, adapterHash, adapterUri: pathToFileURL(folder).href },
        ...{ manifestHash: hash(8), rank: attention8.rank },
        ...provenance,
      })),
    );
    await db
      .insert(deployment)
      .values(some.map(({ id }) => ({ modelId: id, worker: workerAddress, version: 1, active: true, ...provenance })));
  }
  return numbered.map(({ id }) => `${id}`);
};
