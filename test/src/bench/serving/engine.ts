import type { Engine } from '@openledger/gpu-worker/serving';
import type { StoredAdapter } from './adapters.ts';
import type { Ask } from './answers.ts';
import { requestOf } from './core.ts';
import { percentile } from './spread.ts';
import type { Asked } from './workload.ts';

let count = 0;

/** Asks an engine. @param adapters that the workload's numbers stand for; without, all ask the base. */
export const asking = (engine: Engine, adapters?: readonly StoredAdapter[]): Ask =>
  async function* (asked) {
    const request = requestOf(asked, `${count++}`, adapters?.[asked.adapter]?.hash);
    for await (const { ids } of engine.generate(request)) yield ids.length;
  };

export type Spread = { readonly p50: number; readonly p99: number };

const spreadOf = (values: readonly number[]): Spread => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
});

/** Milliseconds from an adapter's files to where requests find it. */
export const load = async (engine: Engine, adapters: readonly StoredAdapter[]): Promise<Spread> => {
  const times: number[] = [];
  for (const adapter of adapters) times.push((await engine.load(adapter)).ms);
  return spreadOf(times);
};

/** Milliseconds that it takes to write an adapter, which is in memory, into the place of a request: one request for each. */
export const swap = async (engine: Engine, adapters: readonly StoredAdapter[]): Promise<Spread> => {
  const ask = asking(engine, adapters);
  const times: number[] = [];
  for (const adapter of adapters.keys()) {
    const before = engine.status();
    for await (const _ of ask({ at: 0, adapter, prompt: [0, 1, 2, 3, 4, 5, 6, 7], answer: 1 }, adapter));
    const after = engine.status();
    if (after.swaps > before.swaps) times.push(after.swapMs - before.swapMs);
  }
  return spreadOf(times);
};

/** Milliseconds to the first token of an adapter that is not loaded yet, and of one that is, in turn. */
export const firstTokens = async (
  engine: Engine,
  adapters: readonly StoredAdapter[],
  asked: Asked,
): Promise<{ readonly cold: number; readonly warm: number }> => {
  const ask = asking(engine, adapters);
  const times: { cold: number[]; warm: number[] } = { cold: [], warm: [] };
  const first = async (adapter: number) => {
    for await (const _ of ask({ ...asked, adapter, answer: 1 }, adapter));
  };
  for (const [adapter, stored] of adapters.entries()) {
    await engine.unload(stored.hash);
    const began = performance.now();
    await engine.load(stored);
    await first(adapter);
    const between = performance.now();
    times.cold.push(between - began);
    // Its place holds another one meanwhile.
    await first((adapter + 1) % adapters.length).catch(() => {});
    const again = performance.now();
    await first(adapter);
    times.warm.push(performance.now() - again);
  }
  return { cold: percentile(times.cold, 0.5), warm: percentile(times.warm, 0.5) };
};
