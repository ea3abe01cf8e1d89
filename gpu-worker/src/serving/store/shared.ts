/** Work that whoever asks for the same key meanwhile waits for too, instead of doing it again. */
export const createShared = <K, A extends readonly unknown[], R>(
  work: (key: K, ...rest: A) => Promise<R>,
): ((key: K, ...rest: A) => Promise<R>) => {
  const running = new Map<K, Promise<R>>();
  return (key, ...rest) => {
    let shared = running.get(key);
    if (shared === undefined) {
      shared = work(key, ...rest).finally(() => running.delete(key));
      running.set(key, shared);
    }
    return shared;
  };
};
