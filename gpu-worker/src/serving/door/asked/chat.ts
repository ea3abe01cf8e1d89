import { z } from 'zod';
import type { EngineInfo } from '../../engine.ts';
import type { Passage } from '../../retrieval/index.ts';
import { withPassages } from '../../retrieval/index.ts';
import { invalid } from '../apiError.ts';
import type { Language } from '../language.ts';
import { commonFields, given, parse } from './fields.ts';
import { type Question, questionOf } from './question.ts';
import { fitPassages, queryOf, type RetrievalWish, retrievalField, retrievalWishOf } from './retrieval.ts';
import { refuseUnsupported } from './unsupported.ts';

const text = z.string('must be a text');

const content = z.union(
  [
    text,
    z
      .array(z.looseObject({ type: z.literal('text'), text }))
      .transform((parts) => parts.map((part) => part.text).join('')),
  ],
  'must be a text, or a list of parts such as {"type": "text", "text": "…"}; only texts are read here',
);

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

const message = z.looseObject({
  role: z.enum(roles, `must be one of ${roles.join(', ')}`),
  content,
});

const chatRequest = z.object({
  ...commonFields,
  messages: z
    .array(message, 'is missing: a list of messages such as {"role": "user", "content": "…"}')
    .min(1, 'must have at least one message')
    .max(1_000, 'must have at most 1,000 messages'),
  max_completion_tokens: commonFields.max_tokens,
  retrieval: retrievalField,
  logprobs: given(z.boolean('must be true or false')),
  top_logprobs: given(z.int('must be a whole number').min(0, 'must be 0 or more').max(20, 'must be 20 or less')),
});

/** Finds passages for a model's answer to a query. */
export type FindPassages = (
  model: string,
  wish: RetrievalWish & { readonly query: string },
) => Promise<readonly Passage[]>;

/**
 * Understands a request to `/v1/chat/completions`, and finds the passages that it asks for.
 *
 * @throws ApiError (400) naming the field that is wrong; what `find` throws.
 */
export const readChat = async (
  body: unknown,
  { language, info, find }: { language: Language; info: EngineInfo; find: FindPassages },
): Promise<Question> => {
  const request = parse(chatRequest, body);
  refuseUnsupported(body as object);
  if (request.top_logprobs !== undefined && request.logprobs !== true) {
    throw invalid('top_logprobs is only allowed when logprobs is true.', 'top_logprobs');
  }
  const { max_completion_tokens, max_tokens } = request;
  const maxTokens = max_completion_tokens ?? max_tokens;
  const messages = request.messages.map(({ role, content }) => ({ role, content }));
  const wish = retrievalWishOf(request.retrieval);
  const found = wish && (await find(request.model, { ...wish, query: wish.query ?? queryOf(messages) }));
  const retrieval =
    found && fitPassages({ messages, passages: found }, { language, maxContext: info.maxContext, maxTokens });
  const texts = retrieval?.passages.map(({ text }) => text) ?? [];
  return questionOf(
    request,
    {
      prompts: [language.encodeChat(withPassages(messages, texts))],
      retrieval,
      asked: (body as { messages: unknown }).messages,
      logprobs: request.logprobs ? (request.top_logprobs ?? 0) : undefined,
      param: 'messages',
      defaults: language.sampling,
      maxTokens: {
        value: maxTokens,
        param: max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens',
        fallback: Number.POSITIVE_INFINITY,
      },
    },
    info,
  );
};
