import { userError } from '../errors.ts';

/** Operations of one caller that run at a time: fewer than the pool has connections, so that nobody holds all of them. */
const RUNNING = 8;
/** Operations of one caller that wait for their turn at most. */
const WAITING = 200;

export type Turns = <T>(key: string, run: () => T | Promise<T>) => T | Promise<T>;

/** Lets callers take turns: what one asks beyond its share waits behind what it asked before. */
export function createTurns(running = RUNNING, waiting = WAITING): Turns {
  const callers = new Map<string, { running: number; readonly queue: (() => void)[] }>();
  return async (key, run) => {
    let caller = callers.get(key);
    if (caller === undefined) {
      caller = { running: 0, queue: [] };
      callers.set(key, caller);
    }
    if (caller.running >= running) {
      if (caller.queue.length >= waiting) {
        const error = userError(
          'RATE_LIMITED',
          `${waiting} operations of yours are waiting already: ask one after the other.`,
        );
        error.extensions.http = { status: 429, headers: { 'retry-after': '1' } };
        throw error;
      }
      // Whoever ends gives its place on, so the count stays.
      await new Promise<void>((resolve) => caller.queue.push(resolve));
    } else caller.running += 1;
    try {
      return await run();
    } finally {
      const next = caller.queue.shift();
      if (next) next();
      else {
        caller.running -= 1;
        if (caller.running === 0) callers.delete(key);
      }
    }
  };
}
