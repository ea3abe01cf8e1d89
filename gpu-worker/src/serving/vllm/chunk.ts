import { z } from 'zod';
import { EngineError } from '../engine.ts';
import { AnswerError, toldBy } from './server.ts';

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

/**
 * @param data of an event; `count` of the likeliest tokens were asked for.
 * @returns undefined for an event without an answer, such as one with the usage.
 * @throws AnswerError for what vLLM says is wrong, EngineError for what vLLM does not send.
 */
export const readChunk = (data: string, count: number | undefined): Chunk | undefined => {
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
