import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Card } from '@openledger/protocol/attribution';
import type { CardOrder, Training, TrainingNews, TrainingOrder } from './messages.ts';

/** The base that every adapter of the scenario is trained on: the one that is shipped. */
export const shippedBase = fileURLToPath(new URL('../../../../gpu-worker/base', import.meta.url));

export type TrainingWatch = {
  /** Ends it at once; of a training nothing is kept. */
  signal: AbortSignal;
  /** From 0 to 1. */
  onProgress?: (done: number) => void;
  /** Somebody waits for it, so that it yields to nothing else on the machine. */
  isAwaited?: boolean;
};

/**
 * Trains an adapter, and makes what its answers are attributed with, in a process of its own. The same order gives the same bytes.
 * @throws Error with the trainer's reason, AbortError when the signal aborts.
 */
export const train = async (order: TrainingOrder, watch: TrainingWatch): Promise<Training> => {
  const news = await follow(order, watch);
  if (news.kind !== 'trained') throw new Error(`the trainer answered ${news.kind}`);
  return news.training;
};

/** Makes a version's attribution card in a process of its own. @throws as {@link train} */
export const weigh = async (order: CardOrder, watch: TrainingWatch): Promise<Card> => {
  const news = await follow(order, watch);
  if (news.kind !== 'weighed') throw new Error(`the trainer answered ${news.kind}`);
  return news.card;
};

function follow(order: TrainingOrder | CardOrder, watch: TrainingWatch): Promise<TrainingNews> {
  const { signal, onProgress, isAwaited = false } = watch;
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('./trainer.ts', import.meta.url));
    const child = fork(file, isAwaited ? ['awaited'] : [], {
      serialization: 'advanced',
      signal,
      killSignal: 'SIGKILL',
      execArgv: [],
    });
    child.on('error', reject);
    child.on('message', (news: TrainingNews) => {
      if (news.kind === 'progress') onProgress?.(news.done);
      else if (news.kind === 'failed') reject(new Error(news.reason));
      else resolve(news);
    });
    // Whoever was answered before no longer listens.
    child.on('exit', (code, ended) => reject(new Error(`the trainer ended with ${code ?? ended} before it was done`)));
    child.send(order);
  });
}
