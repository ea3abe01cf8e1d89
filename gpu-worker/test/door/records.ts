import { inferenceRecord } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { eq } from 'drizzle-orm';
import type { Stage } from './stage.ts';

export type InferenceRecord = typeof inferenceRecord.$inferSelect;

/** What is recorded of a request. */
export const recordOf = async ({ connection }: Stage, requestId: string | null): Promise<InferenceRecord> => {
  const id = (requestId ?? '') as Hex;
  const [record] = await connection.db.select().from(inferenceRecord).where(eq(inferenceRecord.requestId, id));
  if (record === undefined) throw new Error(`nothing is recorded of ${requestId}`);
  return record;
};
