import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { indexerCommand } from '@openledger/indexer';
import type { LocalChain } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { localBots, runBots } from './bots-service.ts';
import { chainService, ensureContracts } from './chain-service.ts';
import type { StackConfig } from './config.ts';
import { runDatabase } from './database-service.ts';
import { runEpochs } from './epochs-service.ts';
import { lockState } from './lock.ts';
import type { Log } from './log.ts';
import { isOk, nodeService, type Shared } from './node-service.ts';
import { claimPort } from './ports.ts';
import { localRelayer } from './relayer-service.ts';
import { readProgress } from './scenario/progress.ts';
import { runScenario } from './scenario-service.ts';
import { keepSecret } from './secret.ts';
import type { Run } from './service.ts';
import { prepareStateDir } from './state-dir.ts';
import { createSupervisor } from './supervisor.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';
import { runWorker } from './worker-service.ts';

export type StackUrls = {
  api: string;
  rpc: string;
  database: string;
  indexer: string;
  relayer: string;
  worker: string;
  epochs: string;
};

export type Stack = {
  urls: StackUrls;
  manifest: Manifest;
  /** Resolves with the reason when a part cannot be kept running. */
  failed: Promise<Error>;
  stop(): Promise<void>;
};

export type StackOptions = StackConfig & {
  log: Log;
  /** How long before now a new chain begins, in seconds: the scenario plays the time between. */
  chainAge?: bigint;
  /** Whether epochs are closed, and what they pay is proposed; without it they are. */
  keepsEpochs?: boolean;
  /** Seconds that an answer waits until it is settled, and its receipt until it is posted; 20 without it. */
  paySeconds?: number;
  /** Gives up starting. */
  signal?: AbortSignal;
};

const day = 86_400n;
const defaultAge = 45n * day;
const script = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Starts everything in order, each part once the one before it is ready: database, chain with contracts, api, relayer,
 * scenario, indexer, model worker, keeper of epochs. What was started is stopped again when a later part fails.
 * @throws StateDirError, StateInUseError, PortBusyError or a part's own error, with what to do about it.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateDir, log } = options;
  prepareStateDir(stateDir);
  const unlock = lockState(stateDir);
  const watchdog = startWatchdog();
  const supervisor = createSupervisor({ log });
  const stop = async () => {
    log.hush();
    await supervisor.stop();
    watchdog.close();
    unlock();
  };
  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  try {
    const ports = {
      api: await claimPort(options.ports.api, 'API_PORT', 'the API'),
      chain: await claimPort(options.ports.chain, 'CHAIN_PORT', 'the local chain'),
      indexer: await claimPort(options.ports.indexer, 'INDEXER_PORT', 'the indexer'),
      relayer: await claimPort(options.ports.relayer, 'RELAYER_PORT', 'the relayer'),
      worker: await claimPort(options.ports.worker, 'WORKER_PORT', 'the model worker'),
      epochs: await claimPort(options.ports.epochs, 'EPOCHS_PORT', 'the keeper of epochs'),
      bots: await claimPort(options.ports.bots ?? 0, 'BOTS_PORT', 'the bots'),
    };
    const database = await runDatabase({
      dataDir: join(stateDir, 'postgres'),
      port: options.ports.database,
      databaseUrl: options.databaseUrl,
      run: supervisor.run,
      log,
      watchdog,
    });
    const { chain, manifest, manifestFile } = await runChain(options, { ports, run: supervisor.run, watchdog });

    const urls: StackUrls = {
      api: `http://127.0.0.1:${ports.api}`,
      rpc: chain.url,
      database,
      indexer: `http://127.0.0.1:${ports.indexer}`,
      relayer: `http://127.0.0.1:${ports.relayer}`,
      worker: endpointOf(ports.worker),
      epochs: endpointOf(ports.epochs),
    };
    const env = {
      DATABASE_URL: database,
      CHAIN_RPC_URL: chain.url,
      CHAIN_ID: String(chain.chainId),
      CONTRACTS_FILE: manifestFile,
      OPENLEDGER_STATE_DIR: stateDir,
      API_PORT: String(ports.api),
      INDEXER_PORT: String(ports.indexer),
      // Everybody here is at one address: the scenario, the bots, and whoever looks on.
      BUDGET_ANONYMOUS: '20000000',
      WRITES_ANONYMOUS: '6000',
      API_SECRET: keepSecret(stateDir),
      API_URL: urls.api,
      RELAYER_ADDRESS: localRelayer.address,
      CHAT_OPERATORS: localBots.address,
      // Receivers and workers on this machine are what a local stack is tried with.
      WEBHOOK_ALLOW_PRIVATE: 'on',
      WORKERS_ALLOW_PRIVATE: 'on',
    };
    const shared = { env, log, watchdog };

    const api = supervisor.run(
      nodeService({ ...shared, name: 'api', file: script('../../api/src/main.ts'), probe: `${urls.api}/health` }),
    );
    const relayer = supervisor.run(
      nodeService({
        ...shared,
        env: { ...env, RELAYER_KEY: localRelayer.privateKey, RELAYER_PORT: String(ports.relayer) },
        name: 'relayer',
        file: script('../../api/src/relay/main.ts'),
        probe: `${urls.relayer}/health`,
      }),
    );
    // All at once: the API answers that the index is not ready until it is.
    await Promise.all([
      api,
      relayer,
      runIndexer({
        ...shared,
        run: supervisor.run,
        probe: `${urls.indexer}/ready`,
        scenario: options.scenario,
        signal: options.signal,
      }),
    ]);
    const worker = { run: supervisor.run, stateDir, port: ports.worker, url: urls.worker, signal: options.signal };
    await Promise.all([
      untilOk(`${urls.api}/ready`, 60_000),
      runWorker({ ...shared, ...worker, paySeconds: options.paySeconds ?? 20 }),
    ]);
    if (options.keepsEpochs !== false) {
      const epochs = { run: supervisor.run, port: ports.epochs, url: urls.epochs, signal: options.signal };
      await runEpochs({ ...shared, ...epochs });
    }
    const bots = {
      run: supervisor.run,
      stateDir,
      tokens: options.bots ?? {},
      port: ports.bots,
      signal: options.signal,
    };
    await runBots({ ...shared, ...bots });
    return { urls, manifest, failed: supervisor.failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const endpointOf = (port: number) => `http://127.0.0.1:${port}`;

type RunChain = { ports: { chain: number; worker: number }; run: Run; watchdog: Watchdog };

async function runChain(options: StackOptions, { ports, run, watchdog }: RunChain) {
  const { stateDir, blockTime, log, chainAge = defaultAge } = options;
  let chain: LocalChain | undefined;
  await run(
    chainService({
      port: ports.chain,
      stateFile: join(stateDir, 'chain', 'state.json'),
      blockTime,
      genesisTimestamp: BigInt(Math.floor(Date.now() / 1_000)) - chainAge,
      // A chain that was stopped in the middle of the scenario's history goes on there, not at the wall clock.
      resumeTimestamp: async () => {
        const progress = await readProgress(stateDir);
        return progress?.phase === 'history' ? BigInt(progress.chainTime) : undefined;
      },
      log,
      watchdog,
      onStarted: (started) => {
        chain = started;
      },
    }),
  );
  const manifestFile = join(stateDir, 'deployment.json');
  const manifest = await ensureContracts(chain!, { manifestFile, blockTime, workerUrl: endpointOf(ports.worker), log });
  return { chain: chain!, manifest, manifestFile };
}

type RunIndexerOptions = Shared & {
  run: Run;
  probe: string;
  scenario: boolean;
  signal: AbortSignal | undefined;
};

/** The indexer reads a played history in one go, so it starts when there is one. */
async function runIndexer({ env, log, watchdog, run, probe, scenario, signal }: RunIndexerOptions): Promise<void> {
  if (scenario) await runScenario({ env, log, watchdog, run, signal });
  const { args, cwd } = indexerCommand();
  log.write('indexer', 'info', 'indexing the chain');
  await run(
    nodeService({
      env,
      log,
      watchdog,
      name: 'indexer',
      file: args[0]!,
      cwd,
      probe,
      readyTimeoutMs: 300_000,
    }),
  );
}

async function untilOk(url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await isOk(url).catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const answer = await fetch(url).then((response) => response.text(), String);
  throw new Error(`${url} did not become ready within ${timeoutMs / 1_000} s: ${answer}`);
}
