import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createDatabase, migrate } from '@openledger/db';
import { startTestDatabase } from '@openledger/db/testing';
import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { deployProtocol, type Manifest, writeManifest } from '@openledger/protocol/deploy';
import { JsonRpcProvider, Wallet } from 'ethers';
import { scenarioDeployConfig } from './deployment.ts';
import { moments } from './history.ts';
import { personaKey } from './personas.ts';

/** A real chain with the contracts on it, and a real Postgres, for tests of the scenario. */
export type Stage = {
  folder: string;
  connection: Connection;
  databaseUrl: string;
  chain: LocalChain;
  manifest: Manifest;
  manifestFile: string;
  /** Leaves nothing behind. */
  close(): Promise<void>;
};

/** @param genesis Unix seconds of block 0. */
export async function setStage(genesis: bigint): Promise<Stage> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-scenario-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const database = await startTestDatabase();
    closing.push(() => database.stop());
    const databaseUrl = await database.create();
    await migrate(databaseUrl);
    const connection = createDatabase({ url: databaseUrl, max: 4 });
    closing.push(() => connection.close());
    const chain = await startLocalChain({ genesisTimestamp: genesis });
    closing.push(() => chain.stop());
    const manifest = await deploy(chain, genesis);
    const manifestFile = join(folder, 'deployment.json');
    await writeManifest(manifestFile, manifest);
    return { folder, connection, databaseUrl, chain, manifest, manifestFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function deploy(chain: LocalChain, genesis: bigint): Promise<Manifest> {
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const deployer = new Wallet(personaKey('deployer'), provider);
  try {
    return await deployProtocol({ provider, deployer, config: scenarioDeployConfig(genesis) });
  } finally {
    provider.destroy();
  }
}

/**
 * A midnight at least so many days ago, so that the story is the same on every day, and whose last moment of history is
 * not just now, so that a slow machine plays the same moments.
 */
export function genesisDaysAgo(count: number): bigint {
  const now = Math.floor(Date.now() / 1_000);
  const day = 86_400;
  for (let genesis = Math.floor(now / day - count) * day; ; genesis -= day) {
    const around = [...moments(genesis, now + 600)].some(({ time }) => time > now - 60);
    if (!around) return BigInt(genesis);
  }
}
