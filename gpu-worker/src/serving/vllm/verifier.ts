import { Worker } from 'node:worker_threads';
import type { Hex } from '@openledger/protocol';
import { LoraError } from '../../lora/index.ts';
import { EngineError } from '../engine.ts';
import { createCalls } from '../onnx/calls.ts';

export type ToVerifier = { readonly call: number; readonly folder: string; readonly hash: Hex };
export type FromVerifier =
  | { readonly call: number; readonly bytes: number; readonly rank: number }
  | { readonly call: number; readonly message: string };

/** What an adapter's files are, once they are known to be those of its hash. */
export type Verified = { readonly bytes: number; readonly rank: number };

/** Checks adapters in a thread of its own: vLLM knows nothing of hashes, and says little of what is wrong with files. */
export type Verifier = {
  /** @throws LoraError when the folder has no adapter, or one of another hash. */
  readonly verify: (adapter: { readonly hash: Hex; readonly folder: string }) => Promise<Verified>;
  readonly close: () => Promise<void>;
};

export const openVerifier = (): Verifier => {
  const thread = new Worker(new URL('verifyThread.ts', import.meta.url), { execArgv: [] });
  thread.unref();
  const calls = createCalls<Verified>();
  thread.on('message', (message: FromVerifier) => {
    if ('message' in message) calls.refuse(message.call, new LoraError(message.message));
    else calls.answer(message.call, message);
  });
  thread.on('error', (error) => calls.end(new EngineError(`The thread that checks adapters failed: ${error}`)));
  return {
    verify: ({ hash, folder }) => calls.ask((call) => thread.postMessage({ call, folder, hash } satisfies ToVerifier)),
    close: async () => {
      calls.end(new EngineError('The engine was closed'));
      await thread.terminate();
    },
  };
};
