import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order } from './dying.ts';

/** A process that waits for what it is to die of. */
export type DyingChild = {
  /** @returns the signal that ended it, or its exit code, or `alive` when it did not come to its moment in time. */
  readonly dieAt: (order: Omit<Order, 'patienceMs'>) => Promise<string | number>;
  readonly kill: () => void;
};

const PATIENCE_MS = 60_000;

/** Starts one, and waits until it has loaded everything. */
export const loadDying = async (): Promise<DyingChild> => {
  const child = fork(join(import.meta.dirname, 'dying.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as string | number);
  await Promise.race([once(child, 'message'), ended]);
  const kill = () => void child.kill('SIGKILL');
  return {
    kill,
    dieAt: async (order) => {
      child.send({ ...order, patienceMs: PATIENCE_MS - 5_000 } satisfies Order);
      const late = setTimeout(kill, PATIENCE_MS);
      const began = performance.now();
      const how = await ended;
      clearTimeout(late);
      return performance.now() - began >= PATIENCE_MS ? 'alive' : how;
    },
  };
};
