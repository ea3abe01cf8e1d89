import type { Database } from '@openledger/db';
import { answerEvidence, answerPart, attributionTask, receipt as receiptTable } from '@openledger/db/app';
import { canonicalJson, type Receipt, receiptHash } from '@openledger/protocol';
import { eq } from 'drizzle-orm';
import type { Attribution } from './attribute.ts';

/** Postgres takes 65,535 parameters in a statement. */
const ROWS_AT_ONCE = 5_000;

/**
 * Writes a receipt, its evidence and its explanation, and forgets the task with prompt and answer: all of it, or nothing.
 *
 * @param onWriting told when half of it is written. @returns whether the task was there; where it was not, another process was faster, and nothing is written.
 */
export const keepAttribution = (
  db: Pick<Database, 'transaction'>,
  receipt: Receipt,
  { evidence, parts }: Pick<Attribution, 'evidence' | 'parts'>,
  onWriting: () => void = () => {},
): Promise<boolean> =>
  db.transaction(async (transaction) => {
    const { requestId } = receipt;
    const task = await transaction
      .delete(attributionTask)
      .where(eq(attributionTask.requestId, requestId))
      .returning({ requestId: attributionTask.requestId });
    if (task.length === 0) return false;
    onWriting();
    const body = canonicalJson(receipt);
    await transaction.insert(receiptTable).values({ requestId, hash: receiptHash(receipt), body, evidence });
    await transaction
      .insert(answerPart)
      .values(parts.map(({ from, until }, place) => ({ requestId, place, from, until })));
    const rows = parts.flatMap(({ drewOn }, place) => drewOn.map((one) => ({ requestId, place, ...one })));
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      await transaction.insert(answerEvidence).values(rows.slice(at, at + ROWS_AT_ONCE));
    }
    return true;
  });
