import { Worker } from 'node:worker_threads';
import type { Hex } from '@openledger/protocol';
import { LoraError } from '../../lora/index.ts';
import { type Engine, EngineError, type EngineInfo, type EngineStatus, type Loaded, RequestError } from '../engine.ts';
import { createPieces, type Pieces } from '../pieces.ts';
import { createCalls } from './calls.ts';
import type { AdapterLayout } from './decoder.ts';
import {
  type EngineOptions,
  errorOf,
  type Failure,
  type FromEngine,
  type FromLoader,
  type ToEngine,
  type ToLoader,
} from './messages.ts';

export type OnnxEngineOptions = EngineOptions & {
  /** Told what an operator should know: how the base is served, and which providers were left and why. */
  readonly onLine?: ((line: string) => void) | undefined;
};

/**
 * An engine on onnxruntime in this process: one thread computes, another reads adapters, and the caller's never waits.
 *
 * @example
 * const engine = await openOnnxEngine({ folder: 'gpu-worker/base', threads: 2, rows: 16, queue: 64, maxRank: 16 });
 * await engine.load({ hash, folder: 'adapters/bees' });
 * for await (const { text } of engine.generate({ adapter: hash, prompt, … })) process.stdout.write(text);
 * @throws BaseError, OnnxError or TokenizerError's message in an EngineError when the base cannot be served.
 */
export const openOnnxEngine = async ({ onLine, ...options }: OnnxEngineOptions): Promise<Engine> => {
  const thread = startThread('engineThread.ts', options);
  /** By numbers of our own: an id may be used again while its last events are still under way. */
  const answering = new Map<string, Pieces>();
  const embedding = new Map<string, PromiseWithResolvers<readonly Float32Array[]>>();
  const ids = new Set<string>();
  let count = 0;
  const calls = createCalls<void>();
  const ready = Promise.withResolvers<{ info: EngineInfo; layout: AdapterLayout }>();
  const failed = Promise.withResolvers<Error>();
  let status: EngineStatus | undefined;
  let isClosing = false;
  let ended: Error | undefined;
  const tell = (message: ToEngine): void => thread.postMessage(message);
  const end = (error: Error) => {
    ended ??= error;
    ready.reject(error);
    calls.end(error);
    for (const pieces of answering.values()) pieces.fail(error);
    for (const vectors of embedding.values()) vectors.reject(error);
    if (!isClosing) failed.resolve(error);
  };
  thread.on('message', (message: FromEngine) => {
    if ('status' in message) status = message.status;
    switch (message.kind) {
      case 'ready':
        ready.resolve(message);
        return;
      case 'events':
        for (const event of message.events) {
          if ('pieces' in event) answering.get(event.id)?.push(event.pieces);
          else embedding.get(event.id)?.resolve(event.vectors);
        }
        return;
      case 'refused': {
        const error = errorOf(message.failure);
        answering.get(message.id)?.fail(error);
        embedding.get(message.id)?.reject(error);
        return;
      }
      case 'done':
        calls.answer(message.call, undefined);
        return;
      case 'said':
        onLine?.(message.line);
        return;
      case 'failed':
        end(errorOf(message.failure));
    }
  });
  thread.on('error', (error) => end(new EngineError(`The engine's thread failed: ${error}`)));
  thread.on('exit', () => end(new EngineError("The engine's thread ended")));
  const { info, layout } = await ready.promise;
  const loader = openLoader(layout);
  const loading = new Map<Hex, Promise<Loaded>>();

  const load = async (hash: Hex, folder: string): Promise<Loaded> => {
    const { adapter, ms } = await loader.load(hash, folder);
    await calls.ask((call) => tell({ kind: 'load', call, hash, adapter }));
    return { bytes: adapter.byteLength, ms };
  };
  const turns = new Map<Hex, Promise<unknown>>();
  /** One after the other for each adapter: of loading and unloading at once the last counts. */
  const inTurn = <Result>(hash: Hex, act: () => Promise<Result>): Promise<Result> => {
    const turn = (turns.get(hash) ?? Promise.resolve()).then(act, act);
    const leave = () => {
      if (turns.get(hash) === turn) turns.delete(hash);
    };
    turns.set(hash, turn);
    turn.then(leave, leave);
    return turn;
  };
  /** @returns the number by which the engine knows a request. */
  const enter = (id: string, signal: AbortSignal | undefined): string => {
    signal?.throwIfAborted();
    if (ended !== undefined) throw ended;
    if (ids.has(id)) throw new RequestError(`A request ${id} is being answered already`);
    ids.add(id);
    return `${++count}`;
  };
  return {
    info,
    status: () => status!,
    failed: failed.promise,
    generate: async function* (request, { signal } = {}) {
      if (!info.generates) throw new RequestError('This model makes embeddings and writes no texts', 'model');
      const number = enter(request.id, signal);
      // Of a wrong number, the refusal is heard.
      const pieces = createPieces(Math.max(1, request.n));
      answering.set(number, pieces);
      const stop = () => {
        pieces.fail(signal!.reason);
        // At once, whether or not somebody waits for the next piece.
        tell({ kind: 'abort', id: number });
      };
      signal?.addEventListener('abort', stop, { once: true });
      let isOver = false;
      try {
        tell({ kind: 'generate', request: { ...request, id: number } });
        for (;;) {
          const next = await pieces.next();
          if (next === undefined) break;
          yield* next;
        }
        isOver = true;
      } finally {
        signal?.removeEventListener('abort', stop);
        ids.delete(request.id);
        answering.delete(number);
        if (!isOver) tell({ kind: 'abort', id: number });
      }
    },
    embed: async (request, { signal } = {}) => {
      if (!info.embeds) throw new RequestError('This model writes texts and makes no embeddings', 'model');
      const number = enter(request.id, signal);
      const vectors = Promise.withResolvers<readonly Float32Array[]>();
      embedding.set(number, vectors);
      const stop = () => {
        vectors.reject(signal!.reason);
        tell({ kind: 'abort', id: number });
      };
      signal?.addEventListener('abort', stop, { once: true });
      try {
        tell({ kind: 'embed', request: { ...request, id: number } });
        return await vectors.promise;
      } finally {
        signal?.removeEventListener('abort', stop);
        ids.delete(request.id);
        embedding.delete(number);
      }
    },
    load: ({ hash, folder }) => {
      const known = loading.get(hash);
      if (known !== undefined) return known;
      const loaded = inTurn(hash, () => load(hash, folder));
      loading.set(hash, loaded);
      loaded.catch(() => {
        if (loading.get(hash) === loaded) loading.delete(hash);
      });
      return loaded;
    },
    unload: async (hash) => {
      if (!loading.delete(hash)) return;
      await inTurn(hash, () => calls.ask((call) => tell({ kind: 'unload', call, hash })));
    },
    close: async () => {
      if (isClosing) return;
      isClosing = true;
      end(new EngineError('The engine was closed'));
      await loader.close();
      const exited = new Promise((resolve) => thread.once('exit', resolve));
      tell({ kind: 'close' });
      await exited;
    },
  };
};

const startThread = (file: string, workerData: unknown): Worker =>
  // Flags of this process, such as --eval, are not the thread's.
  new Worker(new URL(file, import.meta.url), { workerData, execArgv: [] });

const openLoader = (layout: AdapterLayout) => {
  const thread = startThread('loaderThread.ts', layout);
  thread.unref();
  const calls = createCalls<{ readonly adapter: SharedArrayBuffer; readonly ms: number }>();
  thread.on('message', (message: FromLoader) => {
    if ('failure' in message) calls.refuse(message.call, loadError(message.failure));
    else calls.answer(message.call, message);
  });
  thread.on('error', (error) => calls.end(new EngineError(`The thread that loads adapters failed: ${error}`)));
  return {
    load: (hash: Hex, folder: string) =>
      calls.ask((call) => thread.postMessage({ call, hash, folder } satisfies ToLoader)),
    close: async () => {
      calls.end(new EngineError('The engine was closed'));
      await thread.terminate();
    },
  };
};

const loadError = (failure: Failure): Error =>
  failure.name === 'LoraError' ? new LoraError(failure.message) : errorOf(failure);
