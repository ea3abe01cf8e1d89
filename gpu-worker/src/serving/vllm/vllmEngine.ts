import type { Hex } from '@openledger/protocol';
import { checkInputs } from '../checkInputs.ts';
import { checkRequest } from '../checkRequest.ts';
import { type Engine, EngineError, type GenerateRequest, RequestError } from '../engine.ts';
import { readModelFolder } from '../onnx/index.ts';
import { createPieces, type Pieces } from '../pieces.ts';
import { createAdapters } from './adapters.ts';
import { answer } from './answer.ts';
import { createDispatch, type Job } from './dispatch.ts';
import { embedAll } from './embedding.ts';
import { greet } from './greeting.ts';
import { meaningOf } from './meaning.ts';
import { createRequests } from './requests.ts';
import { createServer } from './server.ts';
import { openVerifier } from './verifier.ts';
import { startWatch } from './watch.ts';

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
  const { tokenizer, vocabSize } = await readModelFolder(folder);
  const served = await greet(server, startPatience);
  const verifier = openVerifier();
  const adapters = createAdapters({ server, verifier, maxRank });
  const dispatch = createDispatch({ places: rows, maxWaiting: queue });
  const watch = startWatch(server, { interval: 1_000, patience: awayPatience });
  const requests = createRequests({ adapters, dispatch });
  const totals = { promptTokens: 0, generatedTokens: 0 };
  const limits = { vocabSize, maxContext: served.maxContext, maxAnswers: rows + queue };

  const write = async (request: GenerateRequest, choice: number, pieces: Pieces, signal: AbortSignal, job: Job) => {
    dispatch.charge(job, request.prompt.length);
    let isFirst = choice === 0;
    for await (const piece of answer({ server, adapters, tokenizer, model: served.model }, request, choice, signal)) {
      if (isFirst) totals.promptTokens += request.prompt.length;
      isFirst = false;
      totals.generatedTokens += piece.ids.length;
      // As for any engine: a token that is written costs twice one that is read.
      dispatch.charge(job, 2 * piece.ids.length);
      pieces.push([piece]);
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
          work: (signal) => write(request, choice, pieces, signal, job).catch((error) => pieces.fail(meaningOf(error))),
        };
        return job;
      });
      const end = requests.begin(request, jobs, { signal, fail: pieces.fail });
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
          result.reject(meaningOf(error)),
        );
      const end = requests.begin({ id, adapter }, [{ request: { id, adapter }, work }], {
        signal,
        fail: result.reject,
      });
      try {
        const vectors = await result.promise;
        totals.promptTokens += inputs.reduce((sum, { length }) => sum + length, 0);
        return vectors;
      } finally {
        end();
      }
    },
    load: async (adapter) => {
      if (requests.isClosed()) throw new EngineError('The engine was closed');
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
      if (requests.isClosed()) return;
      requests.close();
      watch.close();
      await verifier.close();
      // A server that is gone needs not be told; one that is slow gets some seconds.
      const told = Promise.allSettled(adapters.hashes().map(adapters.unload));
      await Promise.race([told, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    },
  };
};

const adaptersOf = (jobs: readonly Job[]): readonly Hex[] => [
  ...new Set(jobs.flatMap(({ request }) => request.adapter ?? [])),
];
