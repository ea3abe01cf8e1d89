import { randomInt } from 'node:crypto';
import type { z } from 'zod';
import { defaultSampling, type EngineInfo, type Sampling } from '../../engine.ts';
import type { Retrieved } from '../../retrieval/index.ts';
import { invalid } from '../apiError.ts';
import { type Wish, wishOf } from './attribution.ts';
import type { commonFields } from './fields.ts';

/** A request to write answers, understood: what an engine is asked, and how the answer is wanted. */
export type Question = {
  readonly model: string;
  /** Token ids, one list for each text to go on from. */
  readonly prompts: readonly (readonly number[])[];
  /** The messages or the prompt as they were sent; their hash is recorded. */
  readonly asked: unknown;
  /** Of each answer. */
  readonly maxTokens: number;
  /** Answers to each prompt. */
  readonly n: number;
  readonly sampling: Sampling;
  readonly stop: readonly string[];
  readonly ignoreEnd: boolean;
  readonly logprobs: number | undefined;
  readonly isStreamed: boolean;
  readonly includeUsage: boolean;
  readonly attribution: Wish | undefined;
  /** What the model was given beside the messages. */
  readonly retrieval: Retrieved | undefined;
};

export type CommonRequest = z.output<z.ZodObject<typeof commonFields>>;

type Rest = Pick<Question, 'prompts' | 'asked' | 'logprobs' | 'retrieval'> & {
  /** What is sampled with where nothing is said. */
  readonly defaults: Partial<Sampling>;
  /** The field that holds the prompt. */
  readonly param: 'messages' | 'prompt';
  readonly maxTokens: { readonly value: number | undefined; readonly param: string; readonly fallback: number };
};

/** @throws ApiError (400) for what an engine of this size cannot answer. */
export const questionOf = (request: CommonRequest, rest: Rest, info: EngineInfo): Question => {
  const { prompts, asked, logprobs, param, retrieval } = rest;
  const n = request.n ?? 1;
  if (n * prompts.length > info.maxRunning) {
    const wanted =
      prompts.length === 1 ? `n is ${n}` : `${prompts.length} prompts with ${n} answers each are asked for`;
    throw invalid(`${wanted}; at most ${info.maxRunning} answers are written at once.`, n > 1 ? 'n' : param);
  }
  const stream_options = request.stream_options;
  if (stream_options !== undefined && request.stream !== true) {
    throw invalid('stream_options is only allowed when stream is true.', 'stream_options');
  }
  return {
    model: request.model,
    prompts,
    asked,
    maxTokens: maxTokensOf(rest, info),
    n,
    sampling: samplingOf(request, rest.defaults),
    stop: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []),
    ignoreEnd: request.ignore_eos ?? false,
    logprobs,
    isStreamed: request.stream ?? false,
    includeUsage: stream_options?.include_usage ?? false,
    attribution: wishOf(request.attribution),
    retrieval,
  };
};

const maxTokensOf = ({ prompts, param, maxTokens }: Rest, { maxContext }: EngineInfo): number => {
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  if (longest === 0) throw invalid(`${param} has no tokens; it needs at least one.`, param);
  if (longest >= maxContext) {
    throw invalid(
      `${param} has ${longest} tokens; this model's context holds ${maxContext}, the answer's included.`,
      param,
      'context_length_exceeded',
    );
  }
  const room = maxContext - longest;
  const { value, fallback } = maxTokens;
  if (value !== undefined && value > room) {
    throw invalid(
      `${maxTokens.param} is ${value}, and ${param} has ${longest} tokens; this model's context holds ${maxContext} together: ask for at most ${room}.`,
      maxTokens.param,
      'context_length_exceeded',
    );
  }
  return value ?? Math.min(fallback, room);
};

const samplingOf = (request: CommonRequest, defaults: Partial<Sampling>): Sampling => {
  const usual = { ...defaultSampling, ...defaults };
  return {
    temperature: request.temperature ?? usual.temperature,
    topP: request.top_p ?? usual.topP,
    topK: Math.max(0, request.top_k ?? usual.topK),
    seed: request.seed ?? randomInt(2 ** 31),
    presencePenalty: request.presence_penalty ?? 0,
    frequencyPenalty: request.frequency_penalty ?? 0,
    repetitionPenalty: request.repetition_penalty ?? usual.repetitionPenalty,
    logitBias: new Map(Object.entries(request.logit_bias ?? {}).map(([token, bias]) => [Number(token), bias])),
  };
};
