import { EngineError, type GenerateRequest } from '../engine.ts';
import { type Chunk, readChunk } from './chunk.ts';
import { eventsOf } from './events.ts';
import { type Server, unreachable } from './server.ts';

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
 * Asks for one answer. Ending the iteration or aborting closes the connection, which ends the request in vLLM; after the
 * last chunk it is kept for the next request.
 *
 * @throws AnswerError when vLLM refuses it; EngineError when it fails, or says something else than vLLM does.
 */
export async function* complete(
  server: Server,
  body: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  signal.throwIfAborted();
  const connection = new AbortController();
  const abort = () => connection.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  let rest: AsyncGenerator<string> | undefined;
  try {
    const response = await server.post('/v1/completions', body, { signal: connection.signal });
    if (response.body === null) throw new EngineError('vLLM answered without a body');
    const events = eventsOf(response.body);
    for (;;) {
      const { value: data } = await events.next().catch((error) => Promise.reject(brokenOff(response.url, error)));
      if (data === undefined || data === '[DONE]') {
        throw new EngineError('vLLM ended an answer without saying why');
      }
      const chunk = readChunk(data, body.logprobs as number | undefined);
      if (chunk === undefined) continue;
      if (chunk.finish !== undefined) rest = events;
      yield chunk;
      if (chunk.finish !== undefined) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    if (rest === undefined) connection.abort();
    else void readOn(rest);
  }
}

const brokenOff = (url: string, error: unknown): unknown =>
  error instanceof EngineError ? error : unreachable(url, error);

/** What comes after the last chunk says nothing, but only an answer that was read leaves its connection to others. */
const readOn = async (events: AsyncGenerator<string>): Promise<void> => {
  try {
    while (!(await events.next()).done);
  } catch {
    // The answer is whole already.
  }
};
