import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program of this benchmark that runs by itself. */
export type Program = {
  /** Its next line. @throws when it ends instead. */
  line(): Promise<string>;
  write(line: string): void;
  stop(): Promise<void>;
};

/** Starts a TypeScript file as a process of its own, which ends with this one. */
export function start(file: string, env: Readonly<Record<string, string>>): Program {
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', GRAPHILE_ENV: 'production', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  return {
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${file} ended before it answered`);
      return value;
    },
    write: (line) => void child.stdin!.write(`${line}\n`),
    async stop() {
      child.kill('SIGTERM');
      const patience = setTimeout(end, 5_000);
      await exited;
      clearTimeout(patience);
      process.off('exit', end);
    },
  };
}
