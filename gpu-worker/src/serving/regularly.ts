import { setTimeout as sleep } from 'node:timers/promises';

/** Work that is done now and then again and again, never twice at once; what fails is told at the first of several in a row. */
export type Regularly = {
  /** Settles after the first time, well done or not. */
  readonly first: Promise<void>;
  /** Does it now, in its turn. */
  readonly now: () => Promise<void>;
  /** Ends it, the work that runs being waited for. */
  readonly stop: () => Promise<void>;
};

/** @param onTrouble told of the error when it begins to fail, and of undefined when it works again */
export const regularly = (
  everyMs: number,
  work: () => Promise<void>,
  onTrouble: (error: Error | undefined) => void,
): Regularly => {
  const ended = new AbortController();
  let isTroubled = false;
  let turn: Promise<void> = Promise.resolve();
  const attempt = async () => {
    try {
      await work();
      if (isTroubled) onTrouble(undefined);
      isTroubled = false;
    } catch (error) {
      if (!isTroubled) onTrouble(error as Error);
      isTroubled = true;
    }
  };
  const now = () => {
    turn = turn.then(attempt);
    return turn;
  };
  const first = now();
  const run = async () => {
    await first;
    for (;;) {
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => {});
      if (ended.signal.aborted) return;
      await now();
    }
  };
  const running = run();
  return {
    first,
    now,
    stop: async () => {
      ended.abort();
      await running;
    },
  };
};
