import { parentPort, workerData } from 'node:worker_threads';
import { createCore } from './core.ts';
import { createEmbedder } from './embedder.ts';
import { type EngineOptions, type FromEngine, failureOf, type Heard, type ToEngine } from './messages.ts';
import { openServed, type Served } from './served.ts';
import type { Event } from './work.ts';

// The thread that computes. Between two steps it hears what is asked of it.

const port = parentPort!;
const reply = (message: FromEngine): void => port.postMessage(message);
const options = workerData as EngineOptions;
const beatMs = 500;

const workOf = (served: Served) =>
  'encoder' in served
    ? ({ kind: 'embed', work: createEmbedder({ encoder: served.encoder, maxWaiting: options.queue }) } as const)
    : ({ kind: 'generate', work: createCore({ ...served, maxWaiting: options.queue }) } as const);

const start = async (): Promise<void> => {
  const served = await openServed(options, (line) => reply({ kind: 'said', line }));
  const { capacity, layout, close } = 'encoder' in served ? served.encoder : served.decoder;
  const asked = workOf(served);
  const { work } = asked;
  const info = {
    backend: served.backend,
    maxContext: capacity,
    maxRunning: 'encoder' in served ? 1 : served.decoder.rows,
    maxWaiting: options.queue,
    maxRank: layout.rank,
    adapterBytes: layout.size * 4,
    embeds: asked.kind === 'embed',
    generates: asked.kind === 'generate',
  };
  reply({ kind: 'ready', info, layout, status: work.status() });
  // Some of the status changes with time alone.
  const beat = setInterval(() => reply({ kind: 'events', events: [], status: work.status() }), beatMs);
  let isClosing = false;
  let wake: (() => void) | undefined;
  port.on('message', (message: ToEngine) => {
    if (message.kind === 'close') isClosing = true;
    else hear(asked, message);
    wake?.();
  });
  while (!isClosing) {
    if (work.hasWork()) report(work, await work.step());
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    }
  }
  clearInterval(beat);
  await close();
  port.close();
};

type Asked = ReturnType<typeof workOf>;

const report = (work: Pick<Asked['work'], 'status'>, events: readonly Event[]) => {
  const heard = events.filter((event): event is Heard => !('error' in event));
  for (const event of events) if ('error' in event) refuse(event.id, event.error);
  if (heard.length > 0) reply({ kind: 'events', events: heard, status: work.status() });
};

const refuse = (id: string, error: unknown): void => reply({ kind: 'refused', id, failure: failureOf(error) });

const submit = <Request extends { readonly id: string }>(
  work: { readonly submit: (request: Request) => void },
  request: Request,
): void => {
  try {
    work.submit(request);
  } catch (error) {
    refuse(request.id, error);
  }
};

const hear = (asked: Asked, message: Exclude<ToEngine, { kind: 'close' }>): void => {
  const { work } = asked;
  switch (message.kind) {
    case 'generate':
      if (asked.kind === 'generate') submit(asked.work, message.request);
      return;
    case 'embed':
      if (asked.kind === 'embed') submit(asked.work, message.request);
      return;
    case 'abort':
      work.abort(message.id);
      reply({ kind: 'events', events: [], status: work.status() });
      return;
    case 'load':
      work.load(message.hash, new Float32Array(message.adapter));
      reply({ kind: 'done', call: message.call, status: work.status() });
      return;
    case 'unload':
      work.unload(message.hash);
      reply({ kind: 'done', call: message.call, status: work.status() });
      return;
  }
};

start().catch((error: unknown) => {
  reply({ kind: 'failed', failure: failureOf(error) });
  port.close();
});
