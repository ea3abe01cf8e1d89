import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { type ChainStatus, type Command, indexerCommand, readChainStatus } from '../run/index.ts';

/** A running indexer. */
export type RunningIndexer = {
  /** Where it answers /health, /ready, /status and /metrics. */
  url: string;
  pid: number;
  /** All that it printed so far. */
  output: () => string;
  /** Resolves once it answers /ready, and says how long that took from its start, in milliseconds; a minute at most. */
  ready: (patienceMs?: number) => Promise<number>;
  /** Its exit code, once it ended. */
  ended: Promise<number | null>;
  /** Stops reading its output, as a supervisor does that is killed. */
  forsake: () => void;
  stop: (signal?: NodeJS.Signals) => Promise<number | null>;
};

const patienceMs = 60_000;

/**
 * Starts the indexer as its own process, with nothing of this process's environment but the path.
 * @param program another one to start in its place, such as a changed copy.
 */
export const startIndexer = async (
  env: Record<string, string>,
  program: Command = indexerCommand(),
): Promise<RunningIndexer> => {
  const port = await freePort();
  const { command, args, cwd } = program;
  const started = Date.now();
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, INDEXER_PORT: String(port), LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    ready: async (patience = patienceMs) => {
      while (Date.now() - started < patience) {
        if (child.exitCode !== null) throw new Error(`The indexer ended with ${child.exitCode}:\n${output}`);
        const answer = await fetch(`${url}/ready`).catch(() => undefined);
        if (answer?.status === 200) return Date.now() - started;
        await wait(100);
      }
      throw new Error(`The indexer was not ready in time:\n${output}`);
    },
    ended,
    forsake: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null) child.kill(signal);
      return ended;
    },
  };
};

/** Waits until everything up to a block is in the tables. */
export const indexedTo = async (sql: Sql, block: bigint, patience = patienceMs): Promise<ChainStatus> => {
  for (const started = Date.now(); Date.now() - started < patience; await wait(100)) {
    const status = await readChainStatus((text) => sql.unsafe(text));
    if (status?.ready && status.block >= block) return status;
  }
  throw new Error(`Block ${block} was not indexed in time`);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};
