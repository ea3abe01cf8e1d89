import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { loadTokenizer, type Tokenizer } from '../../tokenizer/index.ts';
import { checkRequest } from '../checkRequest.ts';
import { type Engine, EngineError, type GenerateRequest, OverloadedError, RequestError } from '../engine.ts';
import { createPieces, type Pieces } from '../pieces.ts';
import { type Adapters, createAdapters } from './adapters.ts';
import { complete, completionBody } from './completion.ts';
import { createDispatch, type Job } from './dispatch.ts';
import { embedAll } from './embedding.ts';
import { greet, type Served } from './greeting.ts';
import { AnswerError, createServer, type Server } from './server.ts';
import { openVerifier } from './verifier.ts';
import { startWatch } from './watch.ts';
import { createWriter } from './writer.ts';

export type VllmOptions = {
  /** Where vLLM listens: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** What vLLM was started with as `--api-key`. */
  readonly apiKey?: string;
  /** A base in Hugging Face's layout, for its tokenizer: the same that vLLM serves. */
  readonly folder: string;
  /** Answers at once; vLLM's `--max-num-seqs` or less, so that it never has a queue of its own. */
  readonly rows: number;
  /** Answers that wait at most. */
  readonly queue: number;
  /** vLLM's `--max-lora-rank`. */
  readonly maxRank: number;
  /** Milliseconds that vLLM may take until it is ready; 10 minutes. */
  readonly startPatience?: number;
  /** Milliseconds that it may be away before the engine counts as failed; one minute. */
  readonly awayPatience?: number;
};

/**
 * An engine on a vLLM server, which may itself be many machines.
 *
 * @example
 * // VLLM_ALLOW_RUNTIME_LORA_UPDATING=True vllm serve /models/base --enable-lora --max-lora-rank 16 --max-num-seqs 64
 * const engine = await openVllmEngine({ url: 'http://127.0.0.1:8000', folder: '/models/base', rows: 64, queue: 256, maxRank: 16 });
 * @throws EngineError when vLLM is not ready in time or cannot be used.
 */
export const openVllmEngine = async (options: VllmOptions): Promise<Engine> => {
  const { url, apiKey, folder, rows, queue, maxRank, startPatience = 600_000, awayPatience = 60_000 } = options;
  const server = createServer(url, apiKey);
  const tokenizer = await loadTokenizer(folder);
  const served = await greet(server, startPatience);
  const verifier = openVerifier();
  const adapters = createAdapters({ server, verifier, maxRank });
  const dispatch = createDispatch({ places: rows, maxWaiting: queue });
  const watch = startWatch(server, { interval: 1_000, patience: awayPatience });
  const answering = new Map<string, (reason: Error) => void>();
  const totals = { promptTokens: 0, generatedTokens: 0 };
  const limits = {
    vocabSize: await readVocabSize(folder, tokenizer),
    maxContext: served.maxContext,
    maxAnswers: rows + queue,
  };
  let isClosed = false;

  /**
   * Takes a request in, and ends it when its signal aborts, whether or not somebody waits for its next piece.
   *
   * @returns what is to be called at its end.
   */
  const begin = (
    { id, adapter }: { readonly id: string; readonly adapter: Hex | undefined },
    jobs: readonly Job[],
    { signal, fail }: { signal: AbortSignal | undefined; fail: (reason: Error) => void },
  ): (() => void) => {
    if (isClosed) throw new EngineError('The engine was closed');
    if (answering.has(id)) throw new RequestError(`A request ${id} is being answered already`);
    const release = adapter === undefined ? () => {} : adapters.hold(adapter);
    if (release === undefined) throw new RequestError(`The adapter ${adapter} is not loaded`, 'model');
    try {
      dispatch.enter(jobs);
    } catch (error) {
      release();
      throw error;
    }
    const stop = (reason: Error) => {
      fail(reason);
      dispatch.leave(id);
    };
    const abort = () => stop(signal!.reason);
    answering.set(id, stop);
    signal?.addEventListener('abort', abort, { once: true });
    return () => {
      signal?.removeEventListener('abort', abort);
      dispatch.leave(id);
      answering.delete(id);
      release();
    };
  };

  const write = async (request: GenerateRequest, choice: number, pieces: Pieces, signal: AbortSignal, job: Job) => {
    const body = completionBody(request.adapter ?? served.model, request, choice);
    const writer = createWriter(request, choice, tokenizer);
    dispatch.charge(job, request.prompt.length);
    let isFirst = choice === 0;
    for await (const chunk of rememberingAdapters(server, adapters, request, body, signal)) {
      const piece = writer(chunk);
      if (isFirst) totals.promptTokens += request.prompt.length;
      isFirst = false;
      totals.generatedTokens += piece.ids.length;
      // As for any engine: a token that is written costs twice one that is read.
      dispatch.charge(job, 2 * piece.ids.length);
      if (piece.ids.length > 0 || piece.text !== '' || piece.finish !== undefined) pieces.push([piece]);
      if (piece.finish !== undefined) break;
    }
  };

  return {
    info: {
      backend: 'vllm',
      maxContext: served.maxContext,
      maxRunning: rows,
      maxWaiting: queue,
      maxRank,
      adapterBytes: undefined,
      embeds: served.embeds,
      generates: served.generates,
    },
    generate: async function* (request, { signal } = {}) {
      signal?.throwIfAborted();
      if (!served.generates) throw new RequestError('This model makes embeddings and writes no texts', 'model');
      checkRequest(request, limits);
      const pieces = createPieces(request.n);
      const jobs = Array.from({ length: request.n }, (_, choice): Job => {
        const job: Job = {
          request,
          work: (signal) =>
            write(request, choice, pieces, signal, job).catch((error) => pieces.fail(ofEngine(error, served))),
        };
        return job;
      });
      const end = begin(request, jobs, { signal, fail: pieces.fail });
      try {
        for (;;) {
          const next = await pieces.next();
          if (next === undefined) break;
          yield* next;
        }
      } finally {
        end();
      }
    },
    embed: async ({ id, adapter, inputs }, { signal } = {}) => {
      signal?.throwIfAborted();
      if (!served.embeds) throw new RequestError('This model writes texts and has no embeddings', 'model');
      checkInputs(inputs, limits);
      const result = Promise.withResolvers<readonly Float32Array[]>();
      const work = (signal: AbortSignal) =>
        embedAll(server, adapter ?? served.model, inputs, signal).then(result.resolve, (error) =>
          result.reject(ofEngine(error, served)),
        );
      const end = begin({ id, adapter }, [{ request: { id, adapter }, work }], { signal, fail: result.reject });
      try {
        const vectors = await result.promise;
        totals.promptTokens += inputs.reduce((sum, { length }) => sum + length, 0);
        return vectors;
      } finally {
        end();
      }
    },
    load: async (adapter) => {
      if (isClosed) throw new EngineError('The engine was closed');
      return adapters.load(adapter);
    },
    unload: adapters.unload,
    status: () => {
      const [running, waiting] = [dispatch.running(), dispatch.waiting()];
      return {
        ...totals,
        running: running.length,
        waiting: waiting.length,
        room: dispatch.room(),
        cacheUsage: watch.cacheUsage(),
        busyRatio: dispatch.busyRatio(),
        runningAdapters: adaptersOf(running),
        waitingAdapters: adaptersOf(waiting),
        loaded: adapters.hashes(),
        // vLLM moves adapters to where they compute itself, and does not tell.
        swaps: 0,
        swapMs: 0,
        swapsSaved: 0,
      };
    },
    failed: watch.failed,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      watch.close();
      for (const stop of [...answering.values()]) stop(new EngineError('The engine was closed'));
      await verifier.close();
      // A server that is gone needs not be told; one that is slow gets some seconds.
      const told = Promise.allSettled(adapters.hashes().map(adapters.unload));
      await Promise.race([told, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    },
  };
};

/** Completes; where vLLM no longer knows the adapter, as after a start, it is loaded again first. */
async function* rememberingAdapters(
  server: Server,
  adapters: Adapters,
  { adapter }: GenerateRequest,
  body: Record<string, unknown>,
  signal: AbortSignal,
) {
  try {
    yield* complete(server, body, signal);
  } catch (error) {
    if (!(error instanceof AnswerError) || error.status !== 404 || adapter === undefined) throw error;
    await adapters.restore(adapter);
    yield* complete(server, body, signal);
  }
}

/** As config.json says: a model may have more tokens than its tokenizer makes. */
const readVocabSize = async (folder: string, tokenizer: Tokenizer): Promise<number> => {
  try {
    const { vocab_size } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { vocab_size?: unknown };
    if (Number.isSafeInteger(vocab_size)) return vocab_size as number;
  } catch {
    // Models of several parts keep it elsewhere, and vLLM itself may have found it where no file is.
  }
  return tokenizer.vocabSize;
};

/** What an answer of vLLM means to whoever asked. */
const ofEngine = (error: unknown, { model }: Served): Error => {
  if (!(error instanceof AnswerError)) return error instanceof Error ? error : new EngineError(String(error));
  const { status, message, param, retryAfter } = error;
  if (status === 429 || status === 503) return new OverloadedError(`vLLM is overloaded: ${message}`, retryAfter);
  if (status === 400 || status === 413 || status === 422) return new RequestError(message, param);
  if (status === 404) return new EngineError(`vLLM does not serve ${model} any more: ${message}`);
  return new EngineError(`vLLM answered ${status}: ${message}`);
};

const adaptersOf = (jobs: readonly Job[]): readonly Hex[] => [
  ...new Set(jobs.flatMap(({ request }) => request.adapter ?? [])),
];

const checkInputs = (
  inputs: readonly (readonly number[])[],
  { vocabSize, maxContext }: { vocabSize: number; maxContext: number },
): void => {
  if (inputs.length === 0) throw new RequestError('There is no input', 'input');
  for (const input of inputs) {
    if (input.length === 0 || input.length > maxContext) {
      throw new RequestError(`An input has ${input.length} tokens; each has 1 to ${maxContext}`, 'input');
    }
    if (input.some((id) => !Number.isSafeInteger(id) || id < 0 || id >= vocabSize)) {
      throw new RequestError(`An input has a token outside of 0 to ${vocabSize - 1}`, 'input');
    }
  }
};
