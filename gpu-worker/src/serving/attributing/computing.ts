import { Worker } from 'node:worker_threads';
import { createCalls } from '../onnx/calls.ts';
import { withinReason } from '../withinReason.ts';
import type { Attribution } from './attribute.ts';
import { type FromThread, type Order, type ThreadOptions, type ToThread, WaitingError } from './messages.ts';

/** Attributes in a thread of its own, so that no answer waits for it. */
export type Computing = {
  /** @throws WaitingError saying why not now. */
  readonly attribute: (order: Order) => Promise<Attribution>;
  /** Ends what is under way, or leaves it undone where that takes too long. */
  readonly close: () => Promise<void>;
};

const CLOSING_MS = 5_000;

/** The thread begins with the first order, and anew after one that ended it. */
export const createComputing = (options: ThreadOptions): Computing => {
  let running: { readonly thread: Worker; readonly calls: ReturnType<typeof createCalls<Attribution>> } | undefined;
  const start = () => {
    const thread = new Worker(new URL('thread.ts', import.meta.url), { workerData: options, execArgv: [] });
    const calls = createCalls<Attribution>();
    const started = { thread, calls };
    thread.on('message', (message: FromThread) => {
      if ('attribution' in message) calls.answer(message.call, message.attribution);
      else calls.refuse(message.call, new WaitingError(message.why, message.message));
    });
    const end = (why: string) => {
      if (running === started) running = undefined;
      calls.end(new WaitingError('failed', why));
    };
    thread.on('error', (error) => end(`The thread that attributes failed: ${error.message}`));
    thread.on('exit', () => end('The thread that attributes ended'));
    return started;
  };
  const tell = (thread: Worker, message: ToThread): void => thread.postMessage(message);
  return {
    attribute: (order) => {
      running ??= start();
      const { thread, calls } = running;
      return calls.ask((call) => tell(thread, { call, order }));
    },
    close: async () => {
      if (running === undefined) return;
      const { thread } = running;
      const exited = new Promise((resolve) => thread.once('exit', resolve));
      tell(thread, { kind: 'close' });
      await withinReason(exited, CLOSING_MS);
      await thread.terminate();
    },
  };
};
