import { parentPort, workerData } from 'node:worker_threads';
import type { Failure, Reply, Request, WorkerData } from './messages.ts';
import { runTraining } from './training.ts';

// The thread of one training. It ends by itself when the training does.

const port = parentPort!;
const controller = new AbortController();
const reply = (message: Reply): void => port.postMessage(message);

port.on('message', ({ kind }: Request) => {
  if (kind === 'cancel') controller.abort();
});

try {
  const trained = await runTraining((workerData as WorkerData).job, {
    signal: controller.signal,
    onProgress: (progress) => reply({ kind: 'progress', progress }),
  });
  reply({ kind: 'trained', trained });
} catch (error) {
  const { name, message, stack, step } = error as Failure;
  reply({ kind: 'failed', failure: { name, message, ...(stack ? { stack } : {}), ...(step ? { step } : {}) } });
}
port.close();
