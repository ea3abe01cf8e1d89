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

/** A real chain with the contracts on it, for tests of the scenario. */
export type TestChain = { chain: LocalChain; manifest: Manifest; manifestFile: string };

export type Stage = {
  folder: string;
  databaseUrl: string;
  connection: Connection;
  startChain(name: string, genesis: bigint): Promise<TestChain>;
  close(): Promise<void>;
};

/** Postgres, and as many chains as a test asks for; nothing of it is left after `close`. */
export async function setStage(): Promise<Stage> {
  const database = await startTestDatabase();
  const databaseUrl = await database.create();
  const connection = createDatabase({ url: databaseUrl, max: 4 });
  const folder = await mkdtemp(join(tmpdir(), 'openledger-scenario-'));
  try {
    await migrate(databaseUrl);
  } catch (error) {
    await database.stop();
    throw error;
  }
  const chains: LocalChain[] = [];
  return {
    folder,
    databaseUrl,
    connection,
    async startChain(name, genesis) {
      const chain = await startLocalChain({ genesisTimestamp: genesis });
      chains.push(chain);
      const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
      provider.pollingInterval = 50;
      const deployer = new Wallet(personaKey('deployer'), provider);
      const manifest = await deployProtocol({ provider, deployer, config: scenarioDeployConfig(genesis) });
      provider.destroy();
      const manifestFile = join(folder, `${name}.json`);
      await writeManifest(manifestFile, manifest);
      return { chain, manifest, manifestFile };
    },
    async close() {
      await connection.close();
      await Promise.all(chains.map((chain) => chain.stop()));
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A genesis about so many days ago whose last moment of history is not just now, so that a slow machine plays the same ones. */
export function genesisDaysAgo(count: number): bigint {
  const now = Math.floor(Date.now() / 1_000);
  for (let genesis = now - count * 86_400; ; genesis -= 60) {
    const around = [...moments(genesis, now + 600)].some(({ time }) => time > now - 60);
    if (!around) return BigInt(genesis);
  }
}
