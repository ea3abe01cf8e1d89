import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openOnnxEngine } from '../../src/serving/onnx/index.ts';
import { loadTokenizer } from '../../src/tokenizer/index.ts';
import { gathered, modelCards, usageOf } from './bodies.ts';
import { choicesOf, engineRequest } from './completions.ts';
import { readBody, send, sendJson } from './http.ts';
import { createLoras } from './loras.ts';
import { metricsPage } from './metricsPage.ts';
import { errorBody, Refusal } from './refusal.ts';
import { checkLength, type Limits, readCompletion, readEmbedding } from './samplingParams.ts';
import { createScheduler } from './scheduler.ts';

export type EmulatorOptions = {
  /** A base in Hugging Face's layout. */
  readonly folder: string;
  readonly maxNumSeqs: number;
  readonly maxLoras: number;
  readonly maxLoraRank: number;
  readonly apiKey?: string;
  /** Whether adapters may be loaded while it runs; `VLLM_ALLOW_RUNTIME_LORA_UPDATING`. */
  readonly isUpdatable?: boolean;
  /** Whether it is new enough for `load_inplace`. */
  readonly hasInPlace?: boolean;
};

/**
 * Stands in for vLLM where it cannot run: a real server on a real engine, with vLLM's routes, answers and refusals. After
 * vLLM 0.19's sources: `entrypoints/openai/completion`, `openai/models/serving.py`, `sampling_params.py`, `v1/engine`.
 */
export type Emulator = {
  readonly url: string;
  /** Bodies of completions that came, in order. */
  readonly asked: readonly Record<string, unknown>[];
  /** Adapters that it was told of. */
  readonly loaded: () => readonly string[];
  /** What its scheduler sees. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** Connections that were opened to it. */
  readonly connections: () => number;
  readonly evict: (adapter: string) => void;
  /** Forgets the adapters, as a new process would. */
  readonly restart: () => Promise<void>;
  /** Answers completions with this from now on: `stream` breaks off after two tokens. */
  readonly fail: (how: 'stream' | 'error event' | 429 | 500 | undefined) => void;
  readonly setHealthy: (isHealthy: boolean) => void;
  readonly close: () => Promise<void>;
};

export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const { folder, maxNumSeqs, maxLoras, maxLoraRank, apiKey, isUpdatable = true, hasInPlace = true } = options;
  const engine = await openOnnxEngine({
    folder,
    threads: 1,
    rows: maxNumSeqs,
    queue: maxNumSeqs,
    providers: ['cpu'],
    maxRank: maxLoraRank,
  });
  const tokenizer = await loadTokenizer(folder);
  const loras = createLoras(engine, hasInPlace);
  const scheduler = createScheduler({ maxNumSeqs, maxLoras });
  const limits: Limits = {
    maxModelLen: engine.info.maxContext,
    vocabSize: (JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { vocab_size: number }).vocab_size,
    maxLogprobs: 20,
  };
  const asked: Record<string, unknown>[] = [];
  let failure: Parameters<Emulator['fail']>[0];
  let isHealthy = true;
  let connections = 0;

  const adapterOf = (model: unknown): `0x${string}` | undefined => {
    if (model === undefined || model === null || model === folder) return undefined;
    const hash = loras.hashOf(String(model));
    if (hash !== undefined) return hash;
    throw new Refusal(404, 'NotFoundError', `The model \`${model}\` does not exist.`, 'model');
  };

  const complete = async (body: Record<string, unknown>, response: ServerResponse, signal: AbortSignal) => {
    const request = readCompletion(body, limits);
    const adapter = adapterOf(request.model);
    asked.push(body);
    if (failure === 429) throw new Refusal(429, 'TooManyRequestsError', 'Too many requests');
    if (failure === 500) throw new Refusal(500, 'InternalServerError', 'EngineCore encountered an issue.');
    const prompt = typeof request.prompt === 'string' ? tokenizer.encode(request.prompt) : request.prompt;
    checkLength(prompt, request.max_tokens, limits);
    const id = `cmpl-${randomUUID()}`;
    const head = {
      id,
      object: 'text_completion',
      created: Math.floor(Date.now() / 1_000),
      model: request.model ?? folder,
    };
    const leave = await scheduler.enter(adapter === undefined ? undefined : String(request.model), signal);
    try {
      const choices = choicesOf(engine, engineRequest(id, request, prompt, adapter), request, { tokenizer, signal });
      if (!request.stream) return sendJson(response, 200, { ...head, ...(await gathered(choices, prompt.length)) });
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      let [sent, tokens] = [0, 0];
      for await (const choice of choices) {
        tokens++;
        if (failure === 'stream' && sent++ === 2) return response.destroy();
        if (failure === 'error event' && sent++ === 2)
          throw new Refusal(500, 'InternalServerError', 'Internal server error');
        const first = tokens <= request.n && request.return_token_ids ? { prompt_token_ids: prompt } : {};
        await send(response, { ...head, choices: [{ ...choice, ...first }] });
      }
      if (request.stream_options?.include_usage) {
        await send(response, { ...head, choices: [], usage: usageOf(prompt.length, tokens) });
      }
      response.end('data: [DONE]\n\n');
    } catch (error) {
      if (!response.headersSent || signal.aborted) throw error;
      // The status was sent long ago: what went wrong is an event, and the stream ends as always.
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalServerError', String(error));
      response.end(`data: ${JSON.stringify(errorBody(refusal))}\n\ndata: [DONE]\n\n`);
    } finally {
      leave();
    }
  };

  const embed = async (body: Record<string, unknown>, response: ServerResponse, signal: AbortSignal) => {
    const adapter = adapterOf(body.model);
    const { input } = readEmbedding(body, limits);
    const leave = await scheduler.enter(adapter === undefined ? undefined : String(body.model), signal);
    try {
      const vectors = await engine.embed({ id: randomUUID(), adapter, inputs: input }, { signal });
      const data = vectors.map((vector, index) => ({ object: 'embedding', index, embedding: [...vector] }));
      const tokens = input.reduce((sum, { length }) => sum + length, 0);
      const usage = { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 };
      sendJson(response, 200, { object: 'list', model: body.model ?? folder, data, usage });
    } finally {
      leave();
    }
  };

  const route = async (request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<unknown> => {
    const path = request.url!.split('?')[0]!;
    if (path.startsWith('/v1') && apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      return sendJson(response, 401, { error: 'Unauthorized' });
    }
    switch (`${request.method} ${path}`) {
      case 'GET /health':
        return response.writeHead(isHealthy ? 200 : 503).end();
      case 'GET /metrics':
        return response
          .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
          .end(metricsPage(engine, scheduler, folder, maxLoras));
      case 'GET /v1/models':
        return sendJson(response, 200, { object: 'list', data: modelCards(folder, limits.maxModelLen, loras.all()) });
    }
    // Routes of tasks that the model does not have are not there.
    if (engine.info.generates && path === '/v1/completions') return complete(await readBody(request), response, signal);
    if (engine.info.embeds && path === '/v1/embeddings') return embed(await readBody(request), response, signal);
    if (isUpdatable && path === '/v1/load_lora_adapter') return response.end(await loras.load(await readBody(request)));
    if (isUpdatable && path === '/v1/unload_lora_adapter') {
      return response.end(await loras.unload(await readBody(request)));
    }
    return sendJson(response, 404, { detail: 'Not Found' });
  };

  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('The client has gone')));
    route(request, response, gone.signal).catch((error) => {
      if (gone.signal.aborted) return;
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalServerError', String(error));
      sendJson(response, refusal.status, errorBody(refusal));
    });
  });
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    loaded: () => loras.all().map(({ name }) => name),
    load: () => ({ running: scheduler.running().length, waiting: scheduler.waiting().length }),
    connections: () => connections,
    evict: loras.evict,
    restart: loras.forget,
    fail: (how) => {
      failure = how;
    },
    setHealthy: (healthy) => {
      isHealthy = healthy;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
};
