const SECOND = 1000;
const HOUR = 3600 * SECOND;
const [FIRST, LONGEST] = [5 * SECOND, 4 * HOUR];
const LONGEST_PAUSE = 300 * SECOND;
const DAY = 24 * HOUR;

/** Attempts at one message: the last of them comes a good day after the first. */
export const MAX_ATTEMPTS = 17;
/** A webhook that nothing has arrived at for this long is disabled. */
export const PATIENCE_MS = DAY;

/** Milliseconds to the next attempt after `attempts` that failed: twice as long each time, and never at once for many. */
export function backoff(attempts: number, retryAfterMs: number | null, random = Math.random()): number {
  const base = Math.min(FIRST * 2 ** (attempts - 1), LONGEST);
  const jittered = base * (0.75 + random / 2);
  return Math.min(Math.max(jittered, retryAfterMs ?? 0), DAY);
}

/** Milliseconds that a webhook is left alone for after `failures` one behind the other, whatever waits for it. */
export function pause(failures: number, retryAfterMs: number | null): number {
  return Math.min(Math.max(Math.min(SECOND * 2 ** (failures - 1), LONGEST_PAUSE), retryAfterMs ?? 0), DAY);
}
