import { inferenceRecord } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import type { FinishReason } from './ask.ts';
import type { InferPassage } from './wire.ts';

/** An answer, whole. */
export type Answer = {
  readonly requestId: Hex;
  readonly worker: Hex;
  /** 0 for the base alone. */
  readonly modelId: bigint;
  /** 0 for the base alone. */
  readonly version: number;
  readonly text: string;
  /** What the model was given beside the question. */
  readonly passages: readonly InferPassage[];
  readonly finishReason: FinishReason;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Wei of OPEN; null where its worker keeps its records elsewhere. */
  readonly fee: bigint | null;
  /** Milliseconds from the question to the first of its text, and to its end. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
};

/** What its worker recorded of a request; null where it keeps its records elsewhere. */
export async function recordOf(
  { app, genesisHash }: Pick<ApiContext, 'app' | 'genesisHash'>,
  requestId: Hex,
): Promise<{ fee: bigint; modelId: bigint; version: number } | null> {
  const { fee, modelId, modelVersion: version } = inferenceRecord;
  const [row] = await app.db
    .select({ fee, modelId, version })
    .from(inferenceRecord)
    .where(and(eq(inferenceRecord.requestId, requestId), eq(inferenceRecord.genesisHash, genesisHash)));
  return row ?? null;
}
