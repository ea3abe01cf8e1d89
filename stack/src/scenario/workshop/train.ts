import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Training, TrainingNews, TrainingOrder } from './messages.ts';

/** The base that every adapter of the scenario is trained on: the one that is shipped. */
export const shippedBase = fileURLToPath(new URL('../../../../gpu-worker/base', import.meta.url));

export type TrainingWatch = {
  /** Ends the training at once; nothing of it is kept. */
  signal: AbortSignal;
  /** From 0 to 1. */
  onProgress?: (done: number) => void;
};

/**
 * Trains an adapter in a process of its own. The same order gives the same bytes.
 * @throws Error with the trainer's reason, AbortError when the signal aborts.
 */
export function train(order: TrainingOrder, { signal, onProgress }: TrainingWatch): Promise<Training> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('./trainer.ts', import.meta.url));
    const child = fork(file, { serialization: 'advanced', signal, killSignal: 'SIGKILL', execArgv: [] });
    child.on('error', reject);
    child.on('message', (news: TrainingNews) => {
      if (news.kind === 'progress') onProgress?.(news.done);
      else if (news.kind === 'trained') resolve(news.training);
      else reject(new Error(news.reason));
    });
    // Whoever was answered before no longer listens.
    child.on('exit', (code, ended) => reject(new Error(`the trainer ended with ${code ?? ended} before it was done`)));
    child.send(order);
  });
}
