import { z } from 'zod';
import type { EngineInfo } from '../../engine.ts';
import { invalid } from '../apiError.ts';
import type { Language } from '../language.ts';
import { commonFields, given, parse } from './fields.ts';
import { type Question, questionOf } from './question.ts';
import { refuseUnsupported } from './unsupported.ts';

const text = z.string();
const ids = z.array(z.int().min(0)).min(1);

/** A text, texts, the token ids of one, or of several. */
export const texts = (none: string) => z.union([text, z.array(text).min(1), ids, z.array(ids).min(1)], none);

const completionRequest = z.object({
  ...commonFields,
  prompt: texts('must be a text, a list of texts, or lists of token ids'),
  retrieval: given(z.literal(false, 'is for conversations: ask /v1/chat/completions')),
  logprobs: given(z.int('must be a whole number').min(0, 'must be 0 or more').max(20, 'must be 20 or less')),
});

/** The token ids of each text. @throws ApiError (400) for ids that the vocabulary does not have. */
export const encodeTexts = (
  given: z.output<ReturnType<typeof texts>>,
  language: Language,
  param: string,
): (readonly number[])[] => {
  if (typeof given === 'string') return [language.encode(given)];
  const list = typeof given[0] === 'number' ? [given as number[]] : (given as string[] | number[][]);
  return list.map((each) => {
    if (typeof each === 'string') return language.encode(each);
    const unknown = each.find((id) => id >= language.vocabSize);
    if (unknown === undefined) return each;
    throw invalid(`${param} has a token ${unknown}; this model has the tokens 0 to ${language.vocabSize - 1}.`, param);
  });
};

/** Tokens of an answer where nothing is said, as the API has it. */
const DEFAULT_MAX_TOKENS = 16;

/** Understands a request to `/v1/completions`. @throws ApiError (400) naming the field that is wrong. */
export const readCompletion = (body: unknown, language: Language, info: EngineInfo): Question => {
  const request = parse(completionRequest, body);
  refuseUnsupported(body as object);
  return questionOf(
    request,
    {
      prompts: encodeTexts(request.prompt, language, 'prompt'),
      asked: request.prompt,
      logprobs: request.logprobs,
      retrieval: undefined,
      param: 'prompt',
      defaults: language.sampling,
      maxTokens: { value: request.max_tokens, param: 'max_tokens', fallback: DEFAULT_MAX_TOKENS },
    },
    info,
  );
};
