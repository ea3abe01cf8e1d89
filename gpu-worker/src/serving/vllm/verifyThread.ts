import { parentPort } from 'node:worker_threads';
import { readAdapter } from '../../lora/index.ts';
import type { FromVerifier, ToVerifier } from './verifier.ts';

// Reads and hashes adapters, so that no answer waits for it.

const port = parentPort!;

port.on('message', async ({ call, folder, hash }: ToVerifier) => {
  const reply = (message: FromVerifier): void => port.postMessage(message);
  try {
    const { modules } = await readAdapter(folder, { expectedHash: hash });
    const parts = [...modules.values()];
    reply({
      call,
      bytes: parts.reduce((sum, { a, b }) => sum + a.data.byteLength + b.data.byteLength, 0),
      rank: Math.max(...parts.map(({ rank }) => rank)),
    });
  } catch (error) {
    reply({ call, message: error instanceof Error ? error.message : String(error) });
  }
});
