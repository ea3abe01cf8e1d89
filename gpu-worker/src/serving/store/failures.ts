/** How long something that failed is left alone: longer each time. */
export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/** Remembers what failed, so that asking for it again and again does not try it again and again. */
export type Failures = {
  /** The last failure of a key, while it is too early to try again. */
  readonly recent: (key: string) => { readonly error: Error; readonly retryMs: number } | undefined;
  readonly add: (key: string, error: Error) => void;
  readonly clear: (key: string) => void;
  readonly clearAll: (which: (key: string) => boolean) => void;
};

export const createFailures = ({ firstMs, maxMs }: Backoff): Failures => {
  const failures = new Map<string, { error: Error; times: number; until: number }>();
  return {
    recent: (key) => {
      const failure = failures.get(key);
      const retryMs = failure === undefined ? 0 : failure.until - performance.now();
      return failure !== undefined && retryMs > 0 ? { error: failure.error, retryMs } : undefined;
    },
    add: (key, error) => {
      const times = (failures.get(key)?.times ?? 0) + 1;
      const wait = Math.min(firstMs * 2 ** (times - 1), maxMs);
      failures.set(key, { error, times, until: performance.now() + wait });
    },
    clear: (key) => void failures.delete(key),
    clearAll: (which) => {
      for (const key of failures.keys()) if (which(key)) failures.delete(key);
    },
  };
};
