import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { withinReason } from '../withinReason.ts';

export type Persistence = {
  /**
   * Does a write again until it succeeds. Settles when it has, or after some seconds of failing: nobody who waits for an
   * answer should wait longer. Never rejects.
   */
  readonly persist: (write: () => Promise<void>) => Promise<void>;
  /** Waits for what is not written yet, ten seconds at most. */
  readonly close: () => Promise<void>;
};

const PATIENCE_MS = 5_000;
const CLOSING_MS = 10_000;
const [FIRST_REST_MS, LONGEST_REST_MS] = [50, 5_000];

export const createPersistence = (log: Logger): Persistence => {
  const unwritten = new Set<Promise<void>>();
  const ended = new AbortController();

  const tryAgain = async (write: () => Promise<void>): Promise<void> => {
    for (let rest = FIRST_REST_MS; ; rest = Math.min(2 * rest, LONGEST_REST_MS)) {
      try {
        return await write();
      } catch (error) {
        if (rest === FIRST_REST_MS) log.error({ err: error }, 'usage cannot be written; trying again');
        if (ended.signal.aborted) return;
        await sleep(rest, undefined, { signal: ended.signal }).catch(() => {});
      }
    }
  };
  return {
    persist: async (write) => {
      const writing = tryAgain(write);
      unwritten.add(writing);
      writing.finally(() => unwritten.delete(writing));
      await withinReason(writing, PATIENCE_MS);
    },
    close: async () => {
      await withinReason(Promise.all(unwritten), CLOSING_MS);
      if (unwritten.size > 0) log.error({ requests: unwritten.size }, 'usage was not written: it counts as failed');
      ended.abort();
    },
  };
};
