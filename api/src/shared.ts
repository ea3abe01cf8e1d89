/** Lets any number of callers share one read: it runs again when somebody asks after `freshMs`, and never twice at once. */
export function shared<T>(freshMs: number, read: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading = false;
  return () => {
    if (latest === undefined || (!reading && performance.now() - readAt > freshMs)) {
      readAt = performance.now();
      reading = true;
      latest = read().finally(() => {
        reading = false;
      });
    }
    return latest;
  };
}
