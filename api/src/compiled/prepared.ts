/** Statements that a connection keeps prepared at most, in each of the two periods that it can live through. */
const MAX_PREPARED = 200;
/** Asked as often as this, a statement is worth preparing. */
const OFTEN = 3;
/** Texts that are counted at most. */
const MAX_COUNTED = 5000;
/** Half of the least time after which the pool replaces a connection, and with it all that it has prepared. */
const PERIOD_MS = 15 * 60_000;

/**
 * Says whether a statement shall be prepared: one that comes often, while there is room. A client who asks ever new things
 * cannot fill the database's memory.
 */
export function createPrepared(now: () => number = () => performance.now()): (text: string) => boolean {
  let counts = new Map<string, number>();
  let prepared = new Set<string>();
  let since = now();
  return (text) => {
    if (prepared.has(text)) return true;
    if (now() - since > PERIOD_MS) {
      counts = new Map();
      prepared = new Set();
      since = now();
    }
    if (prepared.size >= MAX_PREPARED) return false;
    const count = (counts.get(text) ?? 0) + 1;
    if (count < OFTEN) {
      if (counts.size < MAX_COUNTED) counts.set(text, count);
      return false;
    }
    counts.delete(text);
    prepared.add(text);
    return true;
  };
}
