import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const program = resolve(import.meta.dirname, '../../../gpu-worker/src/main.ts');

/** A worker as an operator runs it. */
export type WorkerProcess = {
  readonly url: string;
  /** Ends it at once, as a power cut does. */
  readonly kill: () => Promise<void>;
  /** Lets it answer what it has begun. @returns its exit code. */
  readonly stop: () => Promise<number | null>;
  /** Bytes that it has in memory. */
  readonly memory: () => Promise<number>;
};

/** @throws when it ends before it listens, with the last that it said. */
export const startWorkerProcess = async (env: Readonly<Record<string, string>>): Promise<WorkerProcess> => {
  const child = spawn(process.execPath, [program], {
    // What modules compile to is kept, so that the next one starts sooner.
    env: { ...process.env, NODE_COMPILE_CACHE: join(env.WORKER_CACHE_DIR!, '..', 'compiled'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const url = await whereItListens(child, ended);
  return {
    url,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
    memory: async () => {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${child.pid}`]);
      return Number(stdout) * 1024;
    },
  };
};

const whereItListens = async (
  child: ChildProcess,
  ended: Promise<[number | null, NodeJS.Signals | null]>,
): Promise<string> => {
  const said: string[] = [];
  const listening = new Promise<string>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface(stream).on('line', (line) => {
        said.push(line);
        if (said.length > 20) said.shift();
        const url = /"url":"([^"]+)".*"msg":"listening"/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
  const early = ended.then(([code, signal]) => {
    throw new Error(`The worker ended with ${signal ?? code} before it listened:\n${said.join('\n')}`);
  });
  return Promise.race([listening, early]);
};
