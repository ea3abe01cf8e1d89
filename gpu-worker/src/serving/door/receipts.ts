import type { Connection } from '@openledger/db';
import { attributionTask, inferenceRecord, receipt } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { and, eq } from 'drizzle-orm';
import type { Caller } from '../usage/usage.ts';
import { ApiError } from './apiError.ts';

export type ReceiptReader = {
  /** @returns canonical JSON, exactly as it was signed. @throws ApiError (404) */
  readonly read: (requestId: string, caller: Caller) => Promise<string>;
};

/** Receipts of this worker's answers, for those who paid for them. */
export const createReceipts = (db: Connection['db'], worker: Hex): ReceiptReader => ({
  read: async (requestId, { payer }) => {
    const id = /^0x[0-9a-f]{64}$/i.test(requestId) ? (requestId.toLowerCase() as Hex) : undefined;
    const [found] =
      id === undefined
        ? []
        : await db
            .select({ state: inferenceRecord.state, body: receipt.body, why: attributionTask.error })
            .from(inferenceRecord)
            .leftJoin(receipt, eq(receipt.requestId, inferenceRecord.requestId))
            .leftJoin(attributionTask, eq(attributionTask.requestId, inferenceRecord.requestId))
            .where(
              and(
                eq(inferenceRecord.requestId, id),
                eq(inferenceRecord.worker, worker),
                eq(inferenceRecord.payer, payer),
              ),
            );
    if (found === undefined) {
      const message = `No request ${requestId.slice(0, 80)} of yours was answered here. Its id is in the header OpenLedger-Request-Id of the answer.`;
      throw notFound(message, 'request_not_found');
    }
    if (found.body === null) {
      throw notFound(
        `There is no receipt of this request yet; the request itself is ${found.state}.${found.why === null ? '' : ` ${found.why}`}`,
        'receipt_not_found',
      );
    }
    return found.body;
  },
});

const notFound = (message: string, code: string): ApiError =>
  new ApiError(message, { status: 404, type: 'invalid_request_error', param: 'requestId', code });
