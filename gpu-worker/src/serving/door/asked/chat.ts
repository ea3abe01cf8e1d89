import { z } from 'zod';
import type { EngineInfo } from '../../engine.ts';
import { invalid } from '../apiError.ts';
import type { Language } from '../language.ts';
import { commonFields, given, parse } from './fields.ts';
import { type Question, questionOf } from './question.ts';
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
  logprobs: given(z.boolean('must be true or false')),
  top_logprobs: given(z.int('must be a whole number').min(0, 'must be 0 or more').max(20, 'must be 20 or less')),
});

/** Understands a request to `/v1/chat/completions`. @throws ApiError (400) naming the field that is wrong. */
export const readChat = (body: unknown, language: Language, info: EngineInfo): Question => {
  const request = parse(chatRequest, body);
  refuseUnsupported(body as object);
  if (request.top_logprobs !== undefined && request.logprobs !== true) {
    throw invalid('top_logprobs is only allowed when logprobs is true.', 'top_logprobs');
  }
  const { max_completion_tokens, max_tokens } = request;
  return questionOf(
    request,
    {
      prompts: [language.encodeChat(request.messages.map(({ role, content }) => ({ role, content })))],
      asked: (body as { messages: unknown }).messages,
      logprobs: request.logprobs ? (request.top_logprobs ?? 0) : undefined,
      param: 'messages',
      defaults: language.sampling,
      maxTokens: {
        value: max_completion_tokens ?? max_tokens,
        param: max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens',
        fallback: Number.POSITIVE_INFINITY,
      },
    },
    info,
  );
};
