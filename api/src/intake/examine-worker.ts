/** One examination in a thread of its own, which `workshop.ts` starts and may end at any moment. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Body, examine } from './examine.ts';

parentPort!.postMessage(await examine(workerData as Body));
