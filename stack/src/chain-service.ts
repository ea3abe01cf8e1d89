import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { deployProtocol, type Manifest, readManifest, writeManifest } from '@openledger/protocol/deploy';
import { JsonRpcProvider, Wallet } from 'ethers';
import type { Log } from './log.ts';
import { outfitRelayer } from './relayer-service.ts';
import { scenarioDeployConfig } from './scenario/deployment.ts';
import { personaKey } from './scenario/personas.ts';
import type { Service } from './service.ts';
import type { Watchdog } from './watchdog.ts';
import { outfitWorker } from './worker-service.ts';

export type ChainServiceOptions = {
  port: number;
  stateFile: string;
  /** Seconds. */
  blockTime: number;
  /** Unix seconds of block 0 of a new chain. */
  genesisTimestamp: bigint;
  /** Unix seconds at which the clock of a kept chain goes on, when that is not now. */
  resumeTimestamp: () => Promise<bigint | undefined>;
  log: Log;
  watchdog: Watchdog;
  onStarted: (chain: LocalChain) => void;
};

/** The local chain, kept over restarts in its state file. */
export function chainService(options: ChainServiceOptions): Service {
  const { port, stateFile, blockTime, genesisTimestamp, log, watchdog, onStarted } = options;
  return {
    name: 'chain',
    async start() {
      const chain = await startLocalChain({
        port,
        stateFile,
        blockTime,
        genesisTimestamp,
        resumeTimestamp: await options.resumeTimestamp(),
      });
      watchdog.guard(chain.pid);
      void chain.exited.then(() => watchdog.release(chain.pid));
      const block = BigInt(await chain.call<string>('eth_blockNumber'));
      log.write(
        'chain',
        'info',
        block === 0n ? `a new chain at ${chain.url}` : `${chain.url}, resumed at block ${block}`,
      );
      onStarted(chain);
      return { exited: chain.exited, stop: () => chain.stop() };
    },
  };
}

export type EnsureContracts = {
  manifestFile: string;
  /** Seconds. */
  blockTime: number;
  /** Where the local worker is reached. */
  workerUrl: string;
  log: Log;
};

/**
 * Makes sure that the contracts stand on the chain and that the manifest says where. Finds them when they do.
 * @returns the manifest, also written to `manifestFile`.
 */
export async function ensureContracts(
  chain: LocalChain,
  { manifestFile, blockTime, workerUrl, log }: EnsureContracts,
): Promise<Manifest> {
  const genesis = await chain.call<{ timestamp: string; hash: string }>('eth_getBlockByNumber', ['0x0', false]);
  const before = await readManifest(manifestFile).catch(() => undefined);
  if (before !== undefined && before.genesisHash !== genesis.hash) {
    log.write(
      'chain',
      'warn',
      'this is another chain than before: deploying the contracts on it, and indexing it anew',
    );
  }
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 100;
  // Each transaction is mined at once while the contracts go up, so that a first start does not wait for blocks.
  await chain.setIntervalMining(0);
  await chain.setAutomine(true);
  try {
    const manifest = await deployProtocol({
      provider,
      deployer: new Wallet(personaKey('deployer'), provider),
      config: scenarioDeployConfig(BigInt(genesis.timestamp)),
      onProgress: (message) => log.write('chain', 'debug', message),
    });
    await outfitRelayer(provider, manifest);
    await outfitWorker(provider, manifest, workerUrl);
    await writeManifest(manifestFile, manifest);
    log.write(
      'chain',
      'info',
      `${Object.keys(manifest.contracts).length} contracts and ${manifest.vesting.length} vesting wallets stand`,
    );
    return manifest;
  } finally {
    await chain.setAutomine(false);
    await chain.setIntervalMining(blockTime);
    provider.destroy();
  }
}
