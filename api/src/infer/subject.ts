import type { Hex } from '@openledger/db/chain';
import type { InferInputValue } from './input.ts';

/** What asking was about, for the audit log: the answer, or else the model. */
export function subjectOf({ modelId, model }: InferInputValue, requestId: Hex | undefined): string | null {
  if (requestId !== undefined) return `Inference:${requestId}`;
  const named = modelId ?? model;
  return named == null ? null : `Model:${named}`;
}
