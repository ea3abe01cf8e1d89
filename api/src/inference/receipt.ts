import { inferenceRecord, receipt } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, inArray } from 'drizzle-orm';
import { rowsOfApp } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';

type Receipt = { readonly requestId: Hex; readonly hash: Hex; readonly body: string };

const receipts = loaderOf(async (requestIds: readonly Hex[], { app, genesisHash }) => {
  const { requestId, hash, body } = receipt;
  const rows = await rowsOfApp(
    app.db
      .select({ requestId, hash, body })
      .from(receipt)
      .innerJoin(inferenceRecord, eq(inferenceRecord.requestId, receipt.requestId))
      .where(and(eq(inferenceRecord.genesisHash, genesisHash), inArray(receipt.requestId, [...requestIds]))),
  );
  return requestIds.map((wanted) => rows.find((row) => row.requestId === wanted) ?? null);
});

const InferenceReceipt = builder.objectRef<Receipt>('InferenceReceipt').implement({
  description: 'What a worker signed about an answer: what it drew on, re-computable by a stranger.',
  fields: (t) => ({
    hash: t.field({
      type: 'Bytes32',
      description: 'keccak256 of it: its leaf in the attribution batch’s tree.',
      resolve: ({ hash }) => hash,
    }),
    body: t.exposeString('body', { description: 'RFC 8785 canonical JSON, exactly as it was signed.' }),
  }),
});

export const receiptField: FieldsOf<'inference'> = (t) => ({
  receipt: t.field({
    type: InferenceReceipt,
    nullable: true,
    description:
      'What its worker signed about it; null until its attribution is posted, and where it is kept elsewhere.',
    complexity: 5,
    select: { columns: { requestId: true, attributionStatus: true } },
    resolve: (row, _args, context) => {
      const { requestId, attributionStatus } = row as { requestId: Hex; attributionStatus: string };
      return attributionStatus === 'none' ? null : receipts(context).load(requestId);
    },
  }),
});
