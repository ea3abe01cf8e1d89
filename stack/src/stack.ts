import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@openledger/db';
import { startEmbeddedPostgres } from '@openledger/db/server';
import { indexerCommand } from '@openledger/indexer';
import type { LocalChain } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { chainService, ensureContracts } from './chain-service.ts';
import { startChild } from './child.ts';
import type { StackConfig } from './config.ts';
import { lockState } from './lock.ts';
import type { Log } from './log.ts';
import { claimPort } from './ports.ts';
import { readProgress } from './scenario/progress.ts';
import type { Service } from './service.ts';
import { prepareStateDir } from './state-dir.ts';
import { createSupervisor } from './supervisor.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

export type StackUrls = { api: string; rpc: string; database: string; indexer: string };

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
  /** Gives up starting. */
  signal?: AbortSignal;
};

const day = 86_400n;
const defaultAge = 45n * day;
const script = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Starts everything in order, each part once the one before it is ready: database, chain with contracts, api, scenario,
 * indexer. What was started is stopped again when a later part fails.
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
    };
    const database = await runDatabase(options, supervisor.run, watchdog);
    const { chain, manifest, manifestFile } = await runChain(options, ports.chain, supervisor.run, watchdog);

    const urls: StackUrls = {
      api: `http://127.0.0.1:${ports.api}`,
      rpc: chain.url,
      database,
      indexer: `http://127.0.0.1:${ports.indexer}`,
    };
    const env = {
      DATABASE_URL: database,
      CHAIN_RPC_URL: chain.url,
      CHAIN_ID: String(chain.chainId),
      CONTRACTS_FILE: manifestFile,
      OPENLEDGER_STATE_DIR: stateDir,
      API_PORT: String(ports.api),
      INDEXER_PORT: String(ports.indexer),
    };
    const shared = { env, log, watchdog };

    const api = supervisor.run(
      nodeService({ ...shared, name: 'api', file: script('../../api/src/main.ts'), probe: `${urls.api}/health` }),
    );
    // Both at once: the API answers that the index is not ready until it is.
    await Promise.all([api, runIndexer({ ...shared, run: supervisor.run, options, probe: `${urls.indexer}/ready` })]);
    await untilOk(`${urls.api}/ready`, 60_000);
    return { urls, manifest, failed: supervisor.failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Run = (service: Service) => Promise<void>;

async function runDatabase(options: StackOptions, run: Run, watchdog: Watchdog): Promise<string> {
  const { stateDir, log } = options;
  let url = options.databaseUrl ?? '';
  if (options.databaseUrl === undefined) {
    await run({
      name: 'database',
      async start() {
        const server = await startEmbeddedPostgres({
          dataDir: join(stateDir, 'postgres'),
          port: options.ports.database === 0 ? undefined : options.ports.database,
          onProgress: (message) => log.write('database', 'info', message),
        });
        const exited = server.ended.then(() => 'ended');
        watchdog.guard(server.pid);
        void exited.then(() => watchdog.release(server.pid));
        url = server.url;
        return { exited, stop: server.stop };
      },
    });
  }
  await migrate(url, { onProgress: (message) => log.write('database', 'info', message) });
  log.write('database', 'info', 'Postgres is ready');
  return url;
}

async function runChain(options: StackOptions, port: number, run: Run, watchdog: Watchdog) {
  const { stateDir, blockTime, log, chainAge = defaultAge } = options;
  let chain: LocalChain | undefined;
  await run(
    chainService({
      port,
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
  const manifest = await ensureContracts(chain!, manifestFile, blockTime, log);
  return { chain: chain!, manifest, manifestFile };
}

type Shared = { env: Readonly<Record<string, string>>; log: Log; watchdog: Watchdog };

/** The indexer reads a played history in one go, so it starts when there is one. */
async function runIndexer(o: Shared & { run: Run; options: StackOptions; probe: string }): Promise<void> {
  const { env, log, watchdog, run, options, probe } = o;
  if (options.scenario) await runScenario({ env, log, watchdog, run, signal: options.signal });
  const { args, cwd } = indexerCommand();
  log.write('indexer', 'info', 'indexing the chain');
  await run(nodeService({ env, log, watchdog, name: 'indexer', file: args[0]!, cwd, probe, readyTimeoutMs: 300_000 }));
}

/** The scenario counts as started once its history is played; without it the stack goes on, and says so. */
async function runScenario({
  env,
  log,
  watchdog,
  run,
  signal,
}: Shared & { run: Run; signal: AbortSignal | undefined }): Promise<void> {
  let historyPlayed = false;
  const service: Service = {
    name: 'scenario',
    mayFinish: true,
    start: (signal) =>
      startChild({
        name: 'scenario',
        file: script('./scenario/main.ts'),
        env,
        onLine: (line) => {
          historyPlayed ||= /"progress":1[,}]/.test(line);
          log.line('scenario', line);
        },
        ready: async () => historyPlayed,
        readyTimeoutMs: 600_000,
        watchdog,
        signal,
      }),
  };
  try {
    await run(service);
  } catch (error) {
    if (signal?.aborted) throw error;
    log.write('scenario', 'error', `${error instanceof Error ? error.message : error} The stack goes on without it.`);
  }
}

type NodeServiceOptions = Shared & {
  name: string;
  file: string;
  cwd?: string;
  /** Answers 200 once the service is ready. */
  probe: string;
  readyTimeoutMs?: number;
};

function nodeService({
  name,
  file,
  cwd,
  env,
  log,
  watchdog,
  probe,
  readyTimeoutMs = 60_000,
}: NodeServiceOptions): Service {
  return {
    name,
    start: (signal) =>
      startChild({
        name,
        file,
        ...(cwd === undefined ? {} : { cwd }),
        env,
        onLine: (line) => log.line(name, line),
        ready: () => isOk(probe),
        readyTimeoutMs,
        watchdog,
        signal,
      }),
  };
}

async function isOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  return response.ok;
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
