import { setTimeout } from 'node:timers/promises';
import { EngineError } from '../engine.ts';
import { isHealthy } from './adapters.ts';
import { metricOf, readMetrics } from './metrics.ts';
import type { Server } from './server.ts';

/** Looks at vLLM from time to time. */
export type Watch = {
  /** Part of its places for keys and values that is taken, 0 to 1, as last seen. */
  readonly cacheUsage: () => number;
  /** Settles once it was not healthy for so long that it is taken for gone. */
  readonly failed: Promise<Error>;
  readonly close: () => void;
};

export type WatchOptions = {
  /** Milliseconds between two looks, and until it is given up. */
  readonly interval: number;
  readonly patience: number;
};

export const startWatch = (server: Server, { interval, patience }: WatchOptions): Watch => {
  const failed = Promise.withResolvers<Error>();
  const closing = new AbortController();
  let cacheUsage = 0;
  let wellAt = performance.now();
  const look = async () => {
    if (await isHealthy(server)) wellAt = performance.now();
    else if (performance.now() - wellAt > patience) {
      const seconds = Math.round(patience / 1_000);
      failed.resolve(new EngineError(`vLLM was not healthy for ${seconds} seconds`));
    }
    // Before 0.10, gpu_cache_usage_perc; several engines share the requests, so their mean is the whole's.
    const page = await readMetrics(server).catch(() => '');
    const usage = metricOf(page, 'vllm:kv_cache_usage_perc') ?? metricOf(page, 'vllm:gpu_cache_usage_perc');
    const engines = page.match(/^vllm:(kv|gpu)_cache_usage_perc[{ ]/gm)?.length ?? 1;
    if (usage !== undefined) cacheUsage = Math.min(1, Math.max(0, usage / engines));
  };
  const run = async () => {
    while (!closing.signal.aborted) {
      await look();
      await setTimeout(interval, undefined, { ref: false, signal: closing.signal }).catch(() => {});
    }
  };
  void run();
  return { cacheUsage: () => cacheUsage, failed: failed.promise, close: () => closing.abort() };
};
