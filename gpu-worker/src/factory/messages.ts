import type { Job } from './job.ts';
import type { Progress } from './progress.ts';
import type { Trained } from './training.ts';

/** To the worker thread, which is given its job when it is made. */
export type Request = { readonly kind: 'cancel' };

/** From the worker thread; the last one is `trained` or `failed`. */
export type Reply =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'trained'; readonly trained: Trained }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** An error as it crosses: its class would be lost. */
export type Failure = Pick<Error, 'name' | 'message' | 'stack'> & { readonly step?: number };

export type WorkerData = { readonly job: Job };
