import { userError } from '../errors.ts';
import { MAX_EXPORTS, MAX_OWN_EXPORTS, WAIT_MS } from './limits.ts';

export type ExportTurns = (key: string, run: () => Promise<void>) => Promise<void>;

/**
 * Lets a caller's downloads run while there is room for them, and for those of others; whoever finds none waits a moment,
 * since an export ends shortly after its last byte. @throws RATE_LIMITED when there is still none then
 */
export function createExportTurns(): ExportTurns {
  const underWay = new Map<string, number>();
  let waiting: (() => void)[] = [];

  const refusalFor = (key: string) => {
    const own = underWay.get(key) ?? 0;
    const all = [...underWay.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MAX_OWN_EXPORTS) return `${own} exports of yours are under way: ask again when one of them has ended.`;
    return all >= MAX_EXPORTS ? `${all} exports are under way: ask again in a few seconds.` : undefined;
  };
  const nextEnd = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });

  return async (key, run) => {
    const until = performance.now() + WAIT_MS;
    for (let refusal = refusalFor(key); refusal !== undefined; refusal = refusalFor(key)) {
      const left = until - performance.now();
      if (left <= 0) throw userError('RATE_LIMITED', refusal);
      await nextEnd(left);
    }
    underWay.set(key, (underWay.get(key) ?? 0) + 1);
    try {
      await run();
    } finally {
      const left = underWay.get(key)! - 1;
      if (left > 0) underWay.set(key, left);
      else underWay.delete(key);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    }
  };
}
