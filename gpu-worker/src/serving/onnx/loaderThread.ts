import { parentPort, workerData } from 'node:worker_threads';
import { LoraError, readAdapter } from '../../lora/index.ts';
import type { AdapterLayout } from './decoder.ts';
import { layOut } from './layout.ts';
import { type FromLoader, failureOf, type ToLoader } from './messages.ts';

// Reads adapters, so that neither answers nor tokens wait for it.

const port = parentPort!;
const layout = workerData as AdapterLayout;
const reply = (message: FromLoader): void => port.postMessage(message);

const load = async ({ hash, folder }: ToLoader): Promise<SharedArrayBuffer> => {
  const adapter = await readAdapter(folder);
  if (adapter.hash !== hash) {
    throw new LoraError(`The adapter's files have the hash ${adapter.hash}; they should have ${hash}`);
  }
  const laid = layOut(adapter, layout, (size) => new Float32Array(new SharedArrayBuffer(size * 4)));
  return laid.buffer as SharedArrayBuffer;
};

port.on('message', async (asked: ToLoader) => {
  const began = performance.now();
  try {
    const adapter = await load(asked);
    reply({ call: asked.call, adapter, ms: performance.now() - began });
  } catch (error) {
    reply({ call: asked.call, failure: failureOf(error) });
  }
});
