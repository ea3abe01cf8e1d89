import { OverloadedError, RequestError } from '../engine.ts';
import { promptHash } from '../usage/hashes.ts';
import type { Asked, Caller, Outcome } from '../usage/usage.ts';
import { knownError } from './errorOf.ts';
import type { Target } from './targets.ts';

/** What is recorded of a request before it is answered. */
export const askedOf = (
  { target, caller, question }: { target: Target; caller: Caller; question: { readonly asked: unknown } },
  most: Pick<Asked, 'inTokens' | 'outTokens'>,
): Asked => ({
  ...most,
  caller,
  modelId: target.modelId,
  version: target.version,
  adapterHash: target.adapter?.hash,
  price: target.price,
  promptHash: promptHash(question.asked),
});

/** Whether a request was not taken in at all. */
export const isRefusal = (error: unknown): boolean => error instanceof OverloadedError || error instanceof RequestError;

/** What is recorded of a request that ended early. @param texts what was written of its answers. */
export const outcomeOf = (error: unknown, signal: AbortSignal, texts: readonly string[]): Outcome => {
  if (signal.aborted) return { state: 'cancelled', texts };
  return { state: 'failed', error: knownError(error)?.message ?? 'The worker failed.' };
};
