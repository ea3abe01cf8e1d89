import { OverloadedError, RequestError } from '../engine.ts';
import type { Retrieved } from '../retrieval/index.ts';
import { promptHash } from '../usage/hashes.ts';
import type { Asked, Caller, Outcome } from '../usage/usage.ts';
import type { Wish } from './asked/attribution.ts';
import { knownError } from './errorOf.ts';
import type { Target } from './targets.ts';

/** What is recorded of a request before it is answered. */
export const askedOf = (
  {
    target,
    caller,
    question,
  }: {
    target: Target;
    caller: Caller;
    question: {
      readonly asked: unknown;
      readonly attribution?: Wish | undefined;
      readonly retrieval?: Retrieved | undefined;
    };
  },
  most: Pick<Asked, 'inTokens' | 'outTokens'>,
): Asked => ({
  ...most,
  caller,
  modelId: target.modelId,
  version: target.version,
  adapterHash: target.adapter?.hash,
  price: target.price,
  promptHash: promptHash(question.asked),
  wantsAttribution: question.attribution !== undefined,
  retrieval: question.retrieval,
});

/** Whether a request was not taken in at all. */
export const isRefusal = (error: unknown): boolean => error instanceof OverloadedError || error instanceof RequestError;

/** What is recorded of a request that ended early. @param written what was written of its answers. */
export const outcomeOf = (
  error: unknown,
  signal: AbortSignal,
  written: Pick<Extract<Outcome, { state: 'cancelled' }>, 'texts' | 'answers'>,
): Outcome => {
  if (signal.aborted) return { state: 'cancelled', ...written };
  return { state: 'failed', error: knownError(error)?.message ?? 'The worker failed.' };
};
