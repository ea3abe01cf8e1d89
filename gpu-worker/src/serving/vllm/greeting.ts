import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { EngineError } from '../engine.ts';
import { isHealthy } from './adapters.ts';
import { AnswerError, type Server } from './server.ts';

/** What a vLLM server serves. */
export type Served = {
  /** What its base is called there. */
  readonly model: string;
  readonly maxContext: number;
  readonly generates: boolean;
  readonly embeds: boolean;
};

const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1),
      parent: z.string().nullish(),
      max_model_len: z.int().min(1).nullish(),
    }),
  ),
});

/**
 * Waits for vLLM to be ready, and asks what it can do.
 *
 * @param patience milliseconds; vLLM takes minutes to start.
 * @throws EngineError when it is not ready by then, or serves nothing that can be used.
 */
export const greet = async (server: Server, patience: number): Promise<Served> => {
  const until = performance.now() + patience;
  while (!(await isHealthy(server))) {
    if (performance.now() > until) {
      throw new EngineError(`vLLM was not ready after ${Math.round(patience / 1_000)} seconds: its /health is no 200`);
    }
    await setTimeout(500);
  }
  const answer = await server.get('/v1/models').catch(asEngineError);
  const parsed = modelsSchema.safeParse(await answer.json().catch(() => undefined));
  if (!parsed.success) throw new EngineError(`/v1/models is not as vLLM has it: ${z.prettifyError(parsed.error)}`);
  const base = parsed.data.data.find(({ parent }) => parent === undefined || parent === null);
  if (base === undefined) throw new EngineError('vLLM lists no base model in /v1/models');
  if (base.max_model_len === undefined || base.max_model_len === null) {
    throw new EngineError(`vLLM does not say the max_model_len of ${base.id} in /v1/models`);
  }
  const generates = await answers(server, '/v1/completions', {
    model: base.id,
    prompt: [0],
    max_tokens: 1,
    temperature: 0,
  });
  const embeds = await answers(server, '/v1/embeddings', { model: base.id, input: [[0]] });
  if (!generates && !embeds) throw new EngineError(`vLLM neither completes texts nor embeds them with ${base.id}`);
  return { model: base.id, maxContext: base.max_model_len, generates, embeds };
};

/** Whether a route does its work; models of other kinds answer 400, 404 or 501. */
const answers = async (server: Server, path: string, body: unknown): Promise<boolean> => {
  try {
    const response = await server.post(path, body);
    await response.body?.cancel();
    return true;
  } catch (error) {
    if (error instanceof AnswerError && [400, 404, 405, 501].includes(error.status)) return false;
    return asEngineError(error);
  }
};

const asEngineError = (error: unknown): never => {
  if (!(error instanceof AnswerError)) throw error;
  const hint = error.status === 401 ? ': it wants another API key' : '';
  throw new EngineError(`vLLM answered ${error.status}${hint} (${error.message})`);
};
