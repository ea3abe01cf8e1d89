import { inferenceRecord, receipt } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, inArray } from 'drizzle-orm';
import { rowsOfApp } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';
import { batchTrees } from './batch-tree.ts';

export type Receipt = {
  readonly requestId: Hex;
  readonly hash: Hex;
  readonly body: string;
  readonly evidence: string;
  /** The batch that stands on chain; null before one does. */
  readonly batchId: bigint | null;
};

const receipts = loaderOf(async (requestIds: readonly Hex[], { app, genesisHash }) => {
  const { requestId, hash, body, evidence } = receipt;
  const rows = await rowsOfApp(
    app.db
      .select({ requestId, hash, body, evidence })
      .from(receipt)
      .innerJoin(inferenceRecord, eq(inferenceRecord.requestId, receipt.requestId))
      .where(and(eq(inferenceRecord.genesisHash, genesisHash), inArray(receipt.requestId, [...requestIds]))),
  );
  return requestIds.map((wanted) => rows.find((row) => row.requestId === wanted) ?? null);
});

export const InferenceReceipt = builder.objectRef<Receipt>('InferenceReceipt').implement({
  description: 'What a worker signed about an answer: what it drew on, re-computable by a stranger.',
  fields: (t) => ({
    hash: t.field({
      type: 'Bytes32',
      description: 'keccak256 of it: its leaf in the attribution batch’s tree.',
      resolve: ({ hash }) => hash,
    }),
    body: t.exposeString('body', { description: 'RFC 8785 canonical JSON, exactly as it was signed.' }),
    evidence: t.exposeString('evidence', {
      description:
        'RFC 8785 canonical JSON of what its numbers are recomputed from, beside the version’s own files; the body holds its keccak256.',
    }),
    proof: t.field({
      type: ['Bytes32'],
      nullable: true,
      description:
        'Hashes from its leaf up to the root of the batch that stands on chain; null before it is posted, and where the batch’s document is kept elsewhere.',
      complexity: 50,
      resolve: async ({ batchId, hash }, _args, context) => {
        const tree = batchId === null ? null : await batchTrees(context).load(batchId);
        try {
          return tree?.proofOf(hash) ?? null;
        } catch {
          // The batch carries another receipt of this answer.
          return null;
        }
      },
    }),
  }),
});

export const receiptField: FieldsOf<'inference'> = (t) => ({
  receipt: t.field({
    type: InferenceReceipt,
    nullable: true,
    description:
      'What its worker signed about it; null until its attribution is posted, and where it is kept elsewhere.',
    complexity: 5,
    select: { columns: { requestId: true, attributionStatus: true, batchId: true } },
    resolve: async (row, _args, context) => {
      const { requestId, attributionStatus, batchId } = row as {
        requestId: Hex;
        attributionStatus: string;
        batchId: bigint | null;
      };
      const found = attributionStatus === 'none' ? null : await receipts(context).load(requestId);
      return found && { ...found, batchId };
    },
  }),
});
