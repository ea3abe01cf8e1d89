import { setTimeout } from 'node:timers/promises';
import { createBusy } from '../busy.ts';
import { type GenerateRequest, OverloadedError } from '../engine.ts';
import { createAdmission } from '../queue/admission.ts';
import { createQueue } from '../queue/queue.ts';

/** What takes one place while it runs: one answer, or embeddings. */
export type Job = {
  readonly request: Pick<GenerateRequest, 'id' | 'adapter'>;
  /** Never rejects. */
  readonly work: (signal: AbortSignal) => Promise<void>;
};

/**
 * Lets so many jobs run at once, fair between adapters: vLLM itself answers in the order of arrival, so whoever asks most
 * would be answered most.
 */
export type Dispatch = {
  /** @throws OverloadedError when there is no room for all of them. */
  readonly enter: (jobs: readonly Job[]) => void;
  /** Ends all of a request's jobs; their places are free at once. */
  readonly leave: (id: string) => void;
  /** Work that was done for an adapter, in tokens. */
  readonly charge: (job: Job, cost: number) => void;
  readonly running: () => readonly Job[];
  readonly waiting: () => readonly Job[];
  /** Jobs that would be let in now. */
  readonly room: () => number;
  readonly busyRatio: () => number;
};

export const createDispatch = ({ places, maxWaiting }: { places: number; maxWaiting: number }): Dispatch => {
  const queue = createQueue<Job>();
  const admission = createAdmission({ maxWaiting });
  const busy = createBusy();
  const running = new Map<Job, AbortController>();
  let isMeasuring = false;

  const start = (job: Job) => {
    const controller = new AbortController();
    running.set(job, controller);
    void measure();
    void job.work(controller.signal).finally(() => {
      if (running.delete(job)) advance();
    });
  };
  const advance = () => {
    while (running.size < places) {
      const job = queue.take();
      if (job === undefined) break;
      start(job);
    }
    admission.see({ free: places - running.size, waiting: queue.length() });
  };
  /** In slices, so that the ratio is right while something runs for long. */
  const measure = async () => {
    if (isMeasuring) return;
    isMeasuring = true;
    while (running.size > 0) await busy.during(() => setTimeout(100, undefined, { ref: false }));
    isMeasuring = false;
  };
  const room = () => admission.room({ free: places - running.size, waiting: queue.length() });
  return {
    enter: (jobs) => {
      if (jobs.length > room()) throw overloaded(running.size, queue.length(), places);
      for (const job of jobs) queue.push(job);
      advance();
    },
    leave: (id) => {
      queue.remove(id);
      for (const [job, controller] of running) {
        if (job.request.id !== id) continue;
        running.delete(job);
        controller.abort();
      }
      advance();
    },
    charge: queue.charge,
    running: () => [...running.keys()],
    waiting: queue.all,
    room,
    busyRatio: busy.ratio,
  };
};

const overloaded = (running: number, waiting: number, places: number): OverloadedError =>
  new OverloadedError(
    `${running} answers are being written and ${waiting} wait: try again later`,
    Math.min(60, 1 + Math.ceil(waiting / places)),
  );
