/** Who may run: in the order of arrival, so many at once, and of so many different adapters at once. */
export type Scheduler = {
  /** Waits for a place. @returns what gives it back. @throws the signal's reason when it aborts. */
  readonly enter: (adapter: string | undefined, signal: AbortSignal) => Promise<() => void>;
  readonly running: () => readonly (string | undefined)[];
  readonly waiting: () => readonly (string | undefined)[];
};

type Waiting = { readonly adapter: string | undefined; readonly start: () => void };

/** @param maxLoras `--max-loras`: a waiting request of one adapter more is passed over, as in vLLM's scheduler. */
export const createScheduler = ({ maxNumSeqs, maxLoras }: { maxNumSeqs: number; maxLoras: number }): Scheduler => {
  const running: { adapter: string | undefined }[] = [];
  let waiting: Waiting[] = [];
  const mayRun = (adapter: string | undefined) => {
    const adapters = new Set(running.flatMap((each) => each.adapter ?? []));
    return adapter === undefined || adapters.has(adapter) || adapters.size < maxLoras;
  };
  const advance = () => {
    for (const each of [...waiting]) {
      if (running.length >= maxNumSeqs) break;
      if (!mayRun(each.adapter)) continue;
      waiting = waiting.filter((other) => other !== each);
      each.start();
    }
  };
  return {
    running: () => running.map(({ adapter }) => adapter),
    waiting: () => waiting.map(({ adapter }) => adapter),
    enter: (adapter, signal) =>
      new Promise((resolve, reject) => {
        const place = { adapter };
        const stop = () => {
          waiting = waiting.filter((other) => other !== own);
          reject(signal.reason);
        };
        const own: Waiting = {
          adapter,
          start: () => {
            signal.removeEventListener('abort', stop);
            running.push(place);
            resolve(() => {
              const at = running.indexOf(place);
              if (at === -1) return;
              running.splice(at, 1);
              advance();
            });
          },
        };
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        waiting.push(own);
        advance();
      }),
  };
};
