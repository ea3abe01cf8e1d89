import { EngineError, OverloadedError, RequestError } from '../engine.ts';
import { AnswerError } from './server.ts';

/** What an error of vLLM means to whoever asked for an answer. */
export const meaningOf = (error: unknown): Error => {
  if (!(error instanceof AnswerError)) return error instanceof Error ? error : new EngineError(String(error));
  const { status, message, param, retryAfter } = error;
  if (status === 429 || status === 503) return new OverloadedError(`vLLM is overloaded: ${message}`, retryAfter);
  if (status === 400 || status === 413 || status === 422) return new RequestError(message, param);
  return new EngineError(`vLLM answered ${status}: ${message}`);
};
