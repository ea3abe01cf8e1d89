import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hex } from '@openledger/db/chain';
import type { Pressure } from './choose.ts';

/** What answers may go on for once the process is to stop. */
const GRACE_MS = 5_000;
/** Connections to a worker that nothing is asked over are kept this long. */
const IDLE_MS = 15_000;

/** What this process has under way with workers. */
export type Workers = {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** Whether workers may be at addresses that are not on the public internet. */
  readonly allowPrivate: boolean;
  /** Counts a request to a worker until the returned function is called. */
  readonly begin: (worker: Hex) => () => void;
  /** Notes that a worker wants to be left alone for so many seconds. */
  readonly rest: (worker: Hex, seconds: number) => void;
  readonly pressureOf: (worker: Hex) => Pressure;
  /** Requests to workers that are under way. */
  readonly underWay: () => number;
  /** Counts that a worker did not answer; by HTTP status, or `none` where it could not be reached or broke off. */
  readonly countRefusal: (status: number | null) => void;
  readonly refusals: () => ReadonlyMap<string, number>;
  /** Aborted when the process has waited long enough for answers under way. */
  readonly stopping: AbortSignal;
  /** Lets answers end for five seconds, then ends them. */
  readonly stop: () => Promise<void>;
};

export function createWorkers({
  allowPrivate,
  graceMs = GRACE_MS,
}: {
  allowPrivate: boolean;
  graceMs?: number;
}): Workers {
  const own = new Map<Hex, number>();
  const restsUntil = new Map<Hex, number>();
  const stopping = new AbortController();
  const http = new HttpAgent({ keepAlive: true, timeout: IDLE_MS });
  const https = new HttpsAgent({ keepAlive: true, timeout: IDLE_MS });
  const refusals = new Map<string, number>();
  let idle: (() => void) | undefined;
  return {
    http,
    https,
    allowPrivate,
    begin: (worker) => {
      own.set(worker, (own.get(worker) ?? 0) + 1);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        const left = own.get(worker)! - 1;
        if (left > 0) own.set(worker, left);
        else own.delete(worker);
        if (own.size === 0) idle?.();
      };
    },
    rest: (worker, seconds) => {
      restsUntil.set(worker, performance.now() + seconds * 1000);
    },
    pressureOf: (worker) => ({
      own: own.get(worker) ?? 0,
      isResting: (restsUntil.get(worker) ?? 0) > performance.now(),
    }),
    underWay: () => [...own.values()].reduce((sum, count) => sum + count, 0),
    countRefusal: (status) => {
      const name = String(status ?? 'none');
      refusals.set(name, (refusals.get(name) ?? 0) + 1);
    },
    refusals: () => refusals,
    stopping: stopping.signal,
    stop: async () => {
      if (own.size > 0) {
        const ended = new Promise<void>((resolve) => {
          idle = resolve;
        });
        const waiting = new AbortController();
        const late = sleep(graceMs, undefined, { signal: waiting.signal }).catch(() => {});
        await Promise.race([ended, late]);
        waiting.abort();
      }
      stopping.abort();
      http.destroy();
      https.destroy();
    },
  };
}
