import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RelayerConfig, Step } from '@openledger/api/relay';

const program = join(import.meta.dirname, 'crashing-relayer.ts');

export type Child = {
  /** Lets it relay. */
  readonly go: (config: RelayerConfig, crashAt: Step | null) => void;
  /** How it ended: a signal's name, or an exit code. */
  readonly ended: Promise<string>;
  /** Asks it to end by itself. */
  readonly stop: () => Promise<string>;
  readonly kill: () => void;
};

/**
 * A process that has loaded all it needs and waits to be let go.
 * @param folder where what modules compile to is kept, so that the next one starts in half the time.
 */
export async function loadChild(folder: string): Promise<Child> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const child: ChildProcess = fork(program, {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  await Promise.race([once(child, 'message'), ended]);
  const digits = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return {
    go: (config, crashAt) => void child.send({ config: JSON.parse(JSON.stringify(config, digits)), crashAt }),
    ended,
    stop: () => {
      if (child.connected) child.send('stop');
      return ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
