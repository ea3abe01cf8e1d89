import { z } from 'zod';
import { EngineError, type GenerateRequest } from '../engine.ts';
import { eventsOf } from './events.ts';
import { AnswerError, type Server, toldBy, unreachable } from './server.ts';

/** Some tokens of an answer, as they come. */
export type Chunk = {
  readonly tokens: readonly ChunkToken[];
  /** On the last one. */
  readonly finish?: 'stop' | 'length';
  /** Whether the model ended the answer with the last token. */
  readonly isEnd: boolean;
};

export type ChunkToken = { readonly id: number; readonly logprob?: Logprob };
export type Logprob = {
  readonly own: number;
  readonly top: readonly { readonly id: number; readonly logprob: number }[];
};

/** Of vLLM's `CompletionStreamResponse`, what is used. */
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        stop_reason: z.union([z.string(), z.number()]).nullish(),
        token_ids: z.array(z.int().min(0)).nullish(),
        logprobs: z
          .object({
            token_logprobs: z.array(z.number().nullable()),
            top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
          })
          .nullish(),
      }),
    )
    .max(1),
});

/** One answer to a request. `return_token_ids` came with vLLM 0.10.2. */
export const completionBody = (model: string, request: GenerateRequest, choice: number): Record<string, unknown> => {
  const { prompt, maxTokens, sampling, stop, ignoreEnd, logprobs } = request;
  return {
    model,
    prompt,
    max_tokens: maxTokens,
    stream: true,
    return_token_ids: true,
    // One answer to each HTTP request: several of the likeliest are refused by vLLM, and each is to find its own place.
    n: 1,
    temperature: sampling.temperature,
    // vLLM refuses 0; so little keeps one token as well.
    top_p: Math.max(sampling.topP, 1e-8),
    top_k: sampling.topK,
    min_p: 0,
    seed: seedOf(sampling.seed + choice),
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    repetition_penalty: sampling.repetitionPenalty,
    ...(sampling.logitBias.size === 0 ? {} : { logit_bias: Object.fromEntries(sampling.logitBias) }),
    stop,
    ignore_eos: ignoreEnd,
    // Tokens by their ids: several may have one text, and would be one key of the likeliest.
    ...(logprobs === undefined ? {} : { logprobs, return_tokens_as_token_ids: true }),
  };
};

/** −1 means no seed in vLLM; seeds are whole numbers of at most 53 bits. */
const seedOf = (seed: number): number => (seed < 0 ? seed + 2 ** 53 : seed);

/**
 * Asks for one answer. Ending the iteration or aborting closes the connection, which ends the request in vLLM.
 *
 * @throws AnswerError when vLLM refuses it; EngineError when it fails, or says something else than vLLM does.
 */
export async function* complete(
  server: Server,
  body: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const response = await server.post('/v1/completions', body, { signal });
  if (response.body === null) throw new EngineError('vLLM answered without a body');
  try {
    for await (const data of eventsOf(response.body)) {
      if (data === '[DONE]') break;
      const chunk = readChunk(data, body.logprobs as number | undefined);
      if (chunk === undefined) continue;
      yield chunk;
      if (chunk.finish !== undefined) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof EngineError || error instanceof AnswerError ? error : unreachable(response.url, error);
  }
  throw new EngineError('vLLM ended an answer without saying why');
}

const readChunk = (data: string, count: number | undefined): Chunk | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    throw new EngineError('vLLM sent an event that is not JSON');
  }
  if (typeof json === 'object' && json !== null && 'error' in json) {
    const { code } = json.error as { code?: unknown };
    const status = typeof code === 'number' ? code : 500;
    throw new AnswerError(status, toldBy(data, status), 1);
  }
  const parsed = chunkSchema.safeParse(json);
  if (!parsed.success) throw new EngineError(`vLLM sent an unknown event: ${z.prettifyError(parsed.error)}`);
  const [choice] = parsed.data.choices;
  if (choice === undefined) return undefined;
  if (choice.token_ids === undefined || choice.token_ids === null) {
    throw new EngineError('vLLM sent no token ids; 0.10.2 and newer do');
  }
  const finish = finishOf(choice.finish_reason ?? undefined);
  return {
    tokens: choice.token_ids.map((id, at) => ({
      id,
      ...(count === undefined ? {} : { logprob: logprobOf(id, at, count, choice.logprobs ?? undefined) }),
    })),
    isEnd: finish === 'stop' && typeof choice.stop_reason !== 'string',
    ...(finish === undefined ? {} : { finish }),
  };
};

const finishOf = (reason: string | undefined): 'stop' | 'length' | undefined => {
  if (reason === undefined || reason === 'stop' || reason === 'length') return reason;
  throw new EngineError(`vLLM ended an answer with ${JSON.stringify(reason.slice(0, 40))}`);
};

type Logprobs = {
  readonly token_logprobs: readonly (number | null)[];
  readonly top_logprobs: readonly (Readonly<Record<string, number>> | null)[];
};

/** vLLM lists the chosen token beside the likeliest: with it they are one more where it is none of them. */
const logprobOf = (id: number, at: number, count: number, logprobs: Logprobs | undefined): Logprob => {
  const own = logprobs?.token_logprobs[at];
  const listed = logprobs?.top_logprobs[at];
  if (own === undefined || own === null || listed === undefined || listed === null) {
    throw new EngineError('vLLM sent no logprobs for a token, which were asked for');
  }
  const all = Object.entries(listed).map(([token, logprob]) => ({ id: idOf(token), logprob }));
  const likeliest = all.length > count ? all.filter((other) => other.id !== id) : all;
  return { own, top: likeliest.toSorted((a, b) => b.logprob - a.logprob || a.id - b.id).slice(0, count) };
};

const idOf = (token: string): number => {
  const id = /^token_id:(\d+)$/.exec(token)?.[1];
  if (id === undefined) throw new EngineError('vLLM names tokens by their texts, although their ids were asked for');
  return Number(id);
};
