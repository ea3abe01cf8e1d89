import { type GenerateRequest, RequestError } from './engine.ts';

/** What an engine can answer. */
export type RequestLimits = {
  readonly vocabSize: number;
  /** Tokens of a prompt and its answer. */
  readonly maxContext: number;
  /** Answers that run and wait together. */
  readonly maxAnswers: number;
};

/** @throws RequestError by the field that is wrong. */
export const checkRequest = (
  { prompt, maxTokens, n, stop }: GenerateRequest,
  { maxContext, maxAnswers, vocabSize }: RequestLimits,
): void => {
  if (prompt.length === 0) throw new RequestError('The prompt is empty; it needs at least one token', 'prompt');
  const unknown = prompt.find((id) => !Number.isSafeInteger(id) || id < 0 || id >= vocabSize);
  if (unknown !== undefined) {
    throw new RequestError(`The prompt has a token ${unknown}; there are the tokens 0 to ${vocabSize - 1}`, 'prompt');
  }
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw new RequestError(`max_tokens is ${maxTokens}; it must be 1 or more`, 'max_tokens');
  }
  if (prompt.length + maxTokens > maxContext) {
    const room = `the context holds ${maxContext}`;
    throw new RequestError(
      `The prompt has ${prompt.length} tokens and the answer may have ${maxTokens}; ${room} together`,
      prompt.length >= maxContext ? 'prompt' : 'max_tokens',
    );
  }
  if (!Number.isSafeInteger(n) || n < 1 || n > maxAnswers) {
    throw new RequestError(`n is ${n}; it can be 1 to ${maxAnswers}`, 'n');
  }
  if (stop.includes('')) throw new RequestError('A stop text is empty; each needs a character at least', 'stop');
};
