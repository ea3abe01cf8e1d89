import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayerConfig, Step } from '@openledger/api/relay';

const program = join(import.meta.dirname, 'crashing-relayer.ts');
/** What modules compile to is kept, so that a process starts in half the time. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'openledger-relay-compiled') };

export type Child = {
  /** Lets it relay. */
  readonly go: (config: RelayerConfig, crashAt: Step | null) => void;
  /** How it ended: a signal's name, or an exit code. */
  readonly ended: Promise<string>;
  /** Asks it to end by itself. */
  readonly stop: () => Promise<string>;
  readonly kill: () => void;
};

/** A process that has loaded all it needs and waits to be let go. */
export async function loadChild(): Promise<Child> {
  const child: ChildProcess = fork(program, {
    env,
    stdio: ['ignore', process.env.RELAY_DEBUG ? 'inherit' : 'ignore', 'inherit', 'ipc'],
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
