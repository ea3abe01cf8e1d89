import { Worker } from 'node:worker_threads';
import { LoraError } from '../lora/index.ts';
import { OnnxError } from '../onnx/index.ts';
import { DivergedError, FactoryError, MemoryError } from './errors.ts';
import type { Job } from './job.ts';
import type { Failure, Reply, Request } from './messages.ts';
import type { Trained, TrainOptions } from './training.ts';

/**
 * Trains in a thread of its own, so that this one stays free, and resumes where its checkpoint stands. Cancelling ends
 * it within a step; what was done until then is in the result and in the checkpoint.
 *
 * @throws FactoryError, MemoryError or DivergedError as {@link runTraining} does, or an Error when the thread dies.
 *
 * @example
 * const { parameters } = await train(job, { signal, onProgress: ({ step }) => console.log(step) });
 */
export const train = (job: Job, { signal, onProgress }: TrainOptions = {}): Promise<Trained> =>
  new Promise((resolve, reject) => {
    // Without what this process was started with: the flags of `node --eval` would not let a file be run.
    const program = new URL('./trainWorker.ts', import.meta.url);
    const worker = new Worker(program, { workerData: { job }, execArgv: [] });
    const cancel = (): void => worker.postMessage({ kind: 'cancel' } satisfies Request);
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'progress') onProgress?.(reply.progress);
      else if (reply.kind === 'trained') resolve(reply.trained);
      else reject(revived(reply.failure));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', cancel);
      // Whoever was answered before no longer listens.
      reject(new Error(`The training's thread ended with ${code} before the training did`));
    });
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
  });

const revived = (failure: Failure): Error => {
  const classes = [FactoryError, MemoryError, DivergedError, OnnxError, LoraError];
  const known = classes.find(({ name }) => name === failure.name) ?? Error;
  return Object.assign(Object.create(known.prototype) as Error, failure);
};
