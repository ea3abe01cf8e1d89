import type { Hex } from '@openledger/db/chain';
import { z } from 'zod';
import type { Question, Retrieval } from './question.ts';

/** Texts of errors are for people: nobody needs more of them. */
const MESSAGE_LENGTH = 600;
/** Passages that a model can be given, and characters of each. */
export const MOST_PASSAGES = 16;
const PASSAGE_LENGTH = 4_000;

/** What a worker is asked, in the words of the OpenAI API: always as a stream, which says at its end what it used. */
export function requestOf(question: Question, model: string): { readonly path: string; readonly body: object } {
  const { text, maxTokens, temperature, topP, topK, seed, stop } = question;
  const { presencePenalty, frequencyPenalty, repetitionPenalty } = question;
  const common = {
    model,
    temperature,
    top_p: topP,
    top_k: topK,
    seed,
    stop: stop.length > 0 ? stop : undefined,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
    repetition_penalty: repetitionPenalty,
    stream: true,
    stream_options: { include_usage: true },
  };
  return 'prompt' in text
    ? { path: '/v1/completions', body: { ...common, prompt: text.prompt, max_tokens: maxTokens } }
    : {
        path: '/v1/chat/completions',
        body: {
          ...common,
          messages: text.messages,
          max_completion_tokens: maxTokens,
          retrieval: text.retrieval && retrievalOf(text.retrieval),
        },
      };
}

const retrievalOf = ({ datanetId, ...rest }: Retrieval) => ({
  ...rest,
  datanet: datanetId === undefined ? undefined : `${datanetId}`,
});

const errorSchema = z.object({
  message: z.string().transform((message) => message.slice(0, MESSAGE_LENGTH)),
  type: z.string().nullish(),
  param: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  /** With 402: what a voucher has to promise in all, and until when, at least; wei of OPEN, Unix seconds. */
  payment: z
    .object({ cumulativeAmount: z.string().regex(/^\d{1,78}$/), expiry: z.string().regex(/^\d{1,12}$/) })
    .optional()
    .catch(undefined),
});

export type WireError = z.output<typeof errorSchema>;

/** The body of a refusal. */
export const refusalSchema = z.object({ error: errorSchema });

const natural = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);

/** What a model was given, as its worker says. */
const passageSchema = z
  .object({
    datanet: natural,
    contribution: natural,
    content_hash: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/)
      .transform((hash) => hash as Hex),
    row: z.int().nonnegative(),
    text: z.string().max(PASSAGE_LENGTH),
  })
  .transform(({ datanet, contribution, content_hash, row, text }) => ({
    datanetId: datanet,
    contributionId: contribution,
    contentHash: content_hash,
    row,
    text,
  }));

export type InferPassage = z.output<typeof passageSchema>;

/** An event of a stream: of a conversation, of a text, or an error. */
export const chunkSchema = z.union([
  refusalSchema,
  z.object({
    choices: z.array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).optional(),
        text: z.string().optional(),
        finish_reason: z.string().nullish(),
      }),
    ),
    retrieval: z.object({ passages: z.array(passageSchema).max(MOST_PASSAGES) }).optional(),
    usage: z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }).nullish(),
  }),
]);
