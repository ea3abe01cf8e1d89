import { z } from 'zod';
import { invalid } from './refusal.ts';

/** `CompletionRequest`: its fields that this emulator knows; more are allowed, as in vLLM. */
const completionRequest = z.looseObject({
  model: z.string().nullish(),
  prompt: z.union([z.array(z.int().min(0)), z.string()]),
  max_tokens: z
    .int()
    .nullish()
    .transform((value) => value ?? 16),
  n: z
    .int()
    .nullish()
    .transform((value) => value ?? 1),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.int().nullish(),
  min_p: z.number().nullish(),
  seed: z.int().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  repetition_penalty: z.number().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.int().nullish(),
  stop: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .transform((value) => (value === null || value === undefined ? [] : [value].flat())),
  ignore_eos: z.boolean().default(false),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  return_token_ids: z.boolean().nullish(),
  return_tokens_as_token_ids: z.boolean().nullish(),
});

export type CompletionRequest = z.infer<typeof completionRequest>;

export type Limits = {
  readonly maxModelLen: number;
  readonly vocabSize: number;
  /** `--max-logprobs`. */
  readonly maxLogprobs: number;
};

/** @throws Refusal as `SamplingParams` and the input processor have it. */
export const readCompletion = (json: unknown, limits: Limits): CompletionRequest => {
  const parsed = completionRequest.safeParse(json);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const request = parsed.data;
  if (request.prompt === '') throw invalid('Either prompt or prompt_embeds must be provided and non-empty.', 'prompt');
  if (request.stream_options && !request.stream) {
    throw invalid('Stream options can only be defined when `stream=True`.', 'stream_options');
  }
  checkRanges(request);
  checkVocabulary(request, limits);
  return request;
};

const checkRanges = (request: CompletionRequest): void => {
  const { temperature, top_p, top_k, min_p, presence_penalty, frequency_penalty, repetition_penalty } = request;
  const within = (value: number | null | undefined, low: number, high: number) =>
    value === null || value === undefined || (value >= low && value <= high);
  if (request.n < 1) throw invalid(`n must be at least 1, got ${request.n}.`);
  if (!within(presence_penalty, -2, 2)) throw invalid(`presence_penalty must be in [-2, 2], got ${presence_penalty}.`);
  if (!within(frequency_penalty, -2, 2)) {
    throw invalid(`frequency_penalty must be in [-2, 2], got ${frequency_penalty}.`);
  }
  if ((repetition_penalty ?? 1) <= 0) {
    throw invalid(`repetition_penalty must be greater than zero, got ${repetition_penalty}.`);
  }
  if (!within(temperature, 0, 2)) {
    throw invalid(`temperature must be in [0, 2], got ${temperature}.`, 'temperature', temperature);
  }
  if (!((top_p ?? 1) > 0 && (top_p ?? 1) <= 1)) throw invalid(`top_p must be in (0, 1], got ${top_p}.`, 'top_p', top_p);
  if ((top_k ?? 0) < -1) throw invalid(`top_k must be 0 (disable), or at least 1, got ${top_k}.`);
  if (!within(min_p, 0, 1)) throw invalid(`min_p must be in [0, 1], got ${min_p}.`);
  if (request.max_tokens < 1) {
    throw invalid(`max_tokens must be at least 1, got ${request.max_tokens}.`, 'max_tokens', request.max_tokens);
  }
  if (request.stop.includes('')) throw invalid('stop cannot contain an empty string.');
  if ((temperature ?? 1) < 1e-5 && request.n > 1) {
    throw invalid(`n must be 1 when using greedy sampling, got ${request.n}.`);
  }
};

const checkVocabulary = ({ logprobs, logit_bias }: CompletionRequest, { vocabSize, maxLogprobs }: Limits): void => {
  if (logprobs !== null && logprobs !== undefined && logprobs < 0 && logprobs !== -1) {
    throw invalid('`logprobs` must be a positive value or -1.', 'logprobs', logprobs);
  }
  const asked = logprobs === -1 ? vocabSize : (logprobs ?? 0);
  if (asked > maxLogprobs) {
    throw invalid(
      `Requested sample logprobs of ${asked}, which is greater than max allowed: ${maxLogprobs}`,
      'logprobs',
      asked,
    );
  }
  const unknown = Object.keys(logit_bias ?? {}).filter((id) => !(Number(id) >= 0 && Number(id) < vocabSize));
  if (unknown.length > 0) {
    throw invalid(
      `token_id(s) [${unknown}] in logit_bias contain out-of-vocab token ids. Vocabulary size: ${vocabSize}`,
      'logit_bias',
      unknown,
    );
  }
};

/** @throws Refusal when prompt and answer do not fit the context. */
export const checkLength = (prompt: readonly number[], maxTokens: number, { maxModelLen, vocabSize }: Limits): void => {
  if (prompt.length === 0) throw invalid('The decoder prompt cannot be empty');
  const highest = Math.max(...prompt);
  if (highest >= vocabSize) throw invalid(`Token id ${highest} is out of vocabulary`);
  if (prompt.length + maxTokens <= maxModelLen) return;
  throw invalid(
    `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${maxTokens} output tokens and ` +
      `your prompt contains ${prompt.length} input tokens, for a total of ${prompt.length + maxTokens} tokens. Please ` +
      'reduce the length of the input prompt or the number of requested output tokens.',
    'input_tokens',
    prompt.length,
  );
};

const embeddingRequest = z.looseObject({
  input: z.array(z.array(z.int().min(0))).min(1),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

/** `EmbeddingRequest`, of its kinds of input lists of token ids, and of its encodings floats. @throws Refusal */
export const readEmbedding = (json: unknown, limits: Limits): z.infer<typeof embeddingRequest> => {
  const parsed = embeddingRequest.safeParse(json);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  for (const input of parsed.data.input) checkLength(input, 0, limits);
  return parsed.data;
};
