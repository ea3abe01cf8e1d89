import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for work, but no longer than so many milliseconds. @throws what the work does, within that time. */
export const withinReason = async (work: Promise<unknown>, ms: number): Promise<void> => {
  const enough = new AbortController();
  try {
    await Promise.race([work, sleep(ms, undefined, { signal: enough.signal }).catch(() => {})]);
  } finally {
    enough.abort();
  }
};
