import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayerConfig } from '@openledger/api/relay';
import { createDatabase, type Database, migrate, type Sql } from '@openledger/db';
import { deployment } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { startTestDatabase } from '@openledger/db/testing';
import { datanetRegistryAbi } from '@openledger/protocol/abi';
import { type DevelopmentAccount, developmentAccounts, type LocalChain } from '@openledger/protocol/chain';
import { writeManifest } from '@openledger/protocol/deploy';
import { Contract, id, JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { type FreshProtocol, startFreshProtocol } from '../drive/index.ts';

/** A chain with the protocol, a database with our tables, and a datanet that takes contributions. */
export type Ground = {
  readonly chain: LocalChain;
  readonly manifest: FreshProtocol['manifest'];
  readonly registry: Contract;
  readonly db: Database;
  readonly sql: Sql;
  /** Owns the datanet. */
  readonly owner: Wallet;
  /** Authorised nobody, pays nothing, signs. */
  readonly people: readonly Wallet[];
  readonly relayer: DevelopmentAccount;
  readonly datanetId: bigint;
  /** For files of the tests; it goes away with the ground. */
  readonly folder: string;
  /** For a relayer here, quick about everything. */
  readonly config: RelayerConfig;
  stop(): Promise<void>;
};

/** Sends one call and waits until it is mined; the chain must be mining. */
export async function act(contract: Contract, method: string, ...args: readonly unknown[]): Promise<void> {
  const sent = await contract.getFunction(method).send(...args);
  await sent.wait();
}

export async function layGround(): Promise<Ground> {
  const cleaners: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const clean of cleaners.reverse()) await clean();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-relay-'));
    cleaners.push(() => rm(folder, { recursive: true, force: true }));
    const [server, protocol] = await Promise.all([startTestDatabase(), startFreshProtocol()]);
    cleaners.push(server.stop, protocol.stop);
    const databaseUrl = await server.create();
    await migrate(databaseUrl);
    const { db, sql, close } = createDatabase({ url: databaseUrl, max: 4 });
    cleaners.push(close);
    const { chain, manifest } = protocol;
    const { genesisHash, chainId } = manifest;
    await db.insert(deployment).values({ genesisHash, chainId });
    const contractsFile = join(folder, 'deployment.json');
    await writeManifest(contractsFile, manifest);

    const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
    provider.pollingInterval = 20;
    cleaners.push(async () => provider.destroy());
    const accounts = developmentAccounts(40);
    const wallet = (index: number) => new Wallet(accounts[index]!.privateKey, provider);
    const owner = wallet(20);
    const relayer = accounts[39]!;
    const registry = new Contract(manifest.contracts.DatanetRegistry, datanetRegistryAbi, owner);
    await act(
      registry,
      'createDatanet',
      'Relayed',
      'ipfs://relayed',
      id('relayed'),
      0,
      0n,
      parseEther('0.5'),
      0,
      3600n,
    );
    const config: RelayerConfig = {
      databaseUrl,
      rpcUrls: [chain.url],
      contractsFile,
      key: relayer.privateKey,
      host: '127.0.0.1',
      port: undefined,
      finalityBlocks: 3n,
      pollMs: 40,
      stuckSeconds: 0.2,
      maxFeePerGas: 500_000_000_000n,
      batchRows: 20,
      batchGas: 10_000_000n,
      logLevel: 'silent',
    };
    const people = [21, 22, 23, 24, 25].map(wallet);
    return { chain, manifest, registry, db, sql, owner, people, relayer, datanetId: 1n, folder, config, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Nobody's content before: its hash follows from its name. */
export const contentOf = (name: string): Hex => id(name) as Hex;
