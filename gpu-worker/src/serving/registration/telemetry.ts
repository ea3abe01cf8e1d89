import type { Connection } from '@openledger/db';
import { telemetrySample } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { lt, sql } from 'drizzle-orm';
import type { EngineStatus } from '../engine.ts';
import type { AdapterCounts, AdapterStatus, AdapterStore } from '../served.ts';

/** Figures by their Prometheus names. */
export type Figures = Readonly<Record<string, number>>;

/** Days after which a sample is dropped. */
const KEPT_DAYS = 7;

/** What is kept over time of a worker; vLLM's names where vLLM has the figure. */
export const figuresOf = (engine: EngineStatus, store: AdapterStore): Figures => ({
  ...engineFigures(engine),
  ...storeFigures(store.status(), store.counts()),
});

const engineFigures = (engine: EngineStatus): Figures => ({
  'vllm:num_requests_running': engine.running,
  'vllm:num_requests_waiting': engine.waiting,
  'vllm:kv_cache_usage_perc': engine.cacheUsage,
  'vllm:prompt_tokens_total': engine.promptTokens,
  'vllm:generation_tokens_total': engine.generatedTokens,
  'openledger:engine_busy_ratio': engine.busyRatio,
  'openledger:adapters_loaded': engine.loaded.length,
  'openledger:adapter_swaps_total': engine.swaps,
  'openledger:adapter_swap_seconds_total': engine.swapMs / 1000,
  'openledger:adapter_swaps_saved_total': engine.swapsSaved,
});

const storeFigures = (adapters: readonly AdapterStatus[], counts: AdapterCounts): Figures => ({
  'openledger:adapters_stored': adapters.filter(({ bytes }) => bytes > 0).length,
  'openledger:adapters_idle': adapters.filter(({ state, leases }) => state === 'loaded' && leases === 0).length,
  'openledger:adapters_failed': adapters.filter(({ state }) => state === 'failed').length,
  'openledger:adapters_found_loaded_total': counts.warm,
  'openledger:adapters_found_stored_total': counts.stored,
  'openledger:adapters_found_nowhere_total': counts.cold,
  'openledger:adapters_refused_total': counts.refused,
  'openledger:adapters_fetched_total': counts.fetched,
  'openledger:adapters_fetched_bytes_total': counts.fetchedBytes,
  'openledger:adapters_unloaded_total': counts.unloaded,
  'openledger:adapters_removed_total': counts.removed,
});

/** Appends a sample of each figure. */
export const writeFigures = async ({ db }: Connection, worker: Hex, figures: Figures): Promise<void> => {
  const rows = Object.entries(figures).filter(([, value]) => Number.isFinite(value));
  if (rows.length > 0) {
    await db.insert(telemetrySample).values(rows.map(([metric, value]) => ({ worker, metric, value })));
  }
};

/** Everybody’s, so that what workers left which are gone goes too. */
export const dropOldFigures = async ({ db }: Connection): Promise<void> => {
  await db.delete(telemetrySample).where(lt(telemetrySample.takenAt, sql`now() - make_interval(days => ${KEPT_DAYS})`));
};
