import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import type { ApiContext } from '../context.ts';

/**
 * Looks values up for many rows of one answer at once. `load` gets distinct keys and returns the value of each, found by
 * `cacheKey` where keys are records.
 */
export function loaderOf<Key, Value>(
  load: (keys: readonly Key[], context: ApiContext) => Promise<readonly Value[]>,
  cacheKey: (key: Key) => unknown = (key) => key,
): (context: ApiContext) => { load: (key: Key) => Promise<Value> } {
  return createContextCache(
    (context: ApiContext) =>
      new DataLoader<Key, Value, unknown>((keys) => load(keys, context), { cacheKeyFn: cacheKey }),
  );
}
