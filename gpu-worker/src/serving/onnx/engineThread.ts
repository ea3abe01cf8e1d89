import { parentPort, workerData } from 'node:worker_threads';
import { type Core, createCore, type Event } from './core.ts';
import { type EngineOptions, type FromEngine, failureOf, type ToEngine } from './messages.ts';
import { openServed } from './served.ts';

// The thread that computes. Between two steps it hears what is asked of it.

const port = parentPort!;
const reply = (message: FromEngine): void => port.postMessage(message);
const options = workerData as EngineOptions;

const start = async (): Promise<void> => {
  const { decoder, tokenizer, endTokens, backend } = await openServed(options);
  const core = createCore({ decoder, tokenizer, endTokens, maxWaiting: options.queue });
  const info = {
    backend,
    maxContext: decoder.capacity,
    maxRunning: decoder.rows,
    maxWaiting: options.queue,
    maxRank: decoder.layout.rank,
    adapterBytes: decoder.layout.size * 4,
    embeds: false,
    generates: true,
  };
  reply({ kind: 'ready', info, layout: decoder.layout, status: core.status() });
  let isClosing = false;
  let wake: (() => void) | undefined;
  port.on('message', (message: ToEngine) => {
    if (message.kind === 'close') isClosing = true;
    else hear(core, message);
    wake?.();
  });
  while (!isClosing) {
    if (core.hasWork()) report(core, await core.step());
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    }
  }
  await decoder.close();
  port.close();
};

const report = (core: Core, events: readonly Event[]) => {
  if (events.length > 0) reply({ kind: 'events', events, status: core.status() });
};

const hear = (core: Core, message: Exclude<ToEngine, { kind: 'close' }>): void => {
  switch (message.kind) {
    case 'generate':
      try {
        core.submit(message.request);
      } catch (error) {
        reply({ kind: 'refused', id: message.request.id, failure: failureOf(error) });
      }
      return;
    case 'abort':
      core.abort(message.id);
      reply({ kind: 'events', events: [], status: core.status() });
      return;
    case 'load':
      core.load(message.hash, new Float32Array(message.adapter));
      reply({ kind: 'done', call: message.call, status: core.status() });
      return;
    case 'unload':
      core.unload(message.hash);
      reply({ kind: 'done', call: message.call, status: core.status() });
      return;
  }
};

start().catch((error: unknown) => {
  reply({ kind: 'failed', failure: failureOf(error) });
  port.close();
});
