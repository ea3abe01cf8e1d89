import { z } from 'zod';
import { address, bytes32, natural } from '../fields.ts';
import { receiptSchema } from '../receipt.ts';
import { evidenceSchema } from './evidence.ts';

/**
 * What an attribution batch's `uri` leads to; its keccak256 is the batch's `evidenceHash`. Receipts in the order of the batch's
 * requests, each with its evidence.
 */
export const batchSchema = z.strictObject({
  schema: z.literal('openledger.batch/1'),
  chainId: natural,
  ledger: address,
  worker: address,
  algorithmId: bytes32,
  entries: z
    .array(z.strictObject({ receipt: receiptSchema, evidence: evidenceSchema }))
    .min(1)
    .max(256),
});

export type Batch = z.output<typeof batchSchema>;
