import { attributionTask, inferenceRecord, receipt } from '@openledger/db/app';
import { chainTables, type Hex } from '@openledger/db/chain';
import { type Receipt, splitFee, startingFeeSplit } from '@openledger/protocol';
import { and, desc, eq, inArray } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';

/** How sure it is what an answer drew on, and what that earned. */
export type State = 'none' | 'waiting' | 'estimated' | 'posted' | 'final';

/** An answer, as its worker recorded it and the chain settled it: either may be all that is known here. */
export type ExplainedAnswer = {
  readonly requestId: Hex;
  readonly state: State;
  readonly payer: Hex;
  readonly worker: Hex;
  readonly modelId: bigint;
  readonly version: number;
  readonly outputHash: Hex | null;
  /** Wei of OPEN, as all amounts. */
  readonly fee: bigint;
  /** What of the fee is the contributors'; before it is settled, what the split in force would give them. */
  readonly contributorsFee: bigint;
  readonly isSettled: boolean;
  readonly answeredAt: Date | null;
  readonly batchId: bigint | null;
  readonly unattributed: bigint | null;
  readonly receipt: {
    readonly hash: Hex;
    readonly body: string;
    readonly evidence: string;
    readonly said: Receipt;
  } | null;
  readonly waiting: { readonly attempts: number; readonly error: string | null; readonly createdAt: Date } | null;
};

const { feeSplit, inference } = chainTables;

const recorded = loaderOf(async (requestIds: readonly Hex[], { app, genesisHash }) => {
  const rows = await rowsOfApp(
    app.db
      .select({
        record: inferenceRecord,
        receipt: { hash: receipt.hash, body: receipt.body, evidence: receipt.evidence },
        waiting: {
          attempts: attributionTask.attempts,
          error: attributionTask.error,
          createdAt: attributionTask.createdAt,
        },
      })
      .from(inferenceRecord)
      .leftJoin(receipt, eq(receipt.requestId, inferenceRecord.requestId))
      .leftJoin(attributionTask, eq(attributionTask.requestId, inferenceRecord.requestId))
      .where(and(eq(inferenceRecord.genesisHash, genesisHash), inArray(inferenceRecord.requestId, [...requestIds]))),
  );
  return requestIds.map((wanted) => rows.find(({ record }) => record.requestId === wanted) ?? null);
});

/** Answers on chain; null for those that are not settled. */
export const settled = loaderOf(async (requestIds: readonly Hex[], { db }) => {
  const rows = await db
    .select()
    .from(inference)
    .where(inArray(inference.requestId, [...requestIds]));
  return requestIds.map((wanted) => rows.find(({ requestId }) => requestId === wanted) ?? null);
});

/** The split in force; whether anybody stakes changes nothing of the contributors' part. */
export const contributorsPart = loaderOf(async (fees: readonly bigint[], { db }) => {
  const [split = startingFeeSplit] = await db.select().from(feeSplit).orderBy(desc(feeSplit.id)).limit(1);
  const { platformBps, modelBps, workerBps, stakersBps, contributorsBps } = split;
  const parts = { platformBps, modelBps, workerBps, stakersBps, contributorsBps };
  return fees.map((fee) => splitFee(fee, parts, true).contributors);
});

/** What is known of an answer; null for a request that nobody answered, or did not finish. */
export async function answerOf(context: ApiContext, requestId: Hex): Promise<ExplainedAnswer | null> {
  const [own, onChain] = await Promise.all([recorded(context).load(requestId), settled(context).load(requestId)]);
  const record = own?.record;
  const isOver = record?.state === 'answered' || record?.state === 'cancelled';
  const of = onChain ?? (record && isOver ? { ...record, version: record.modelVersion } : undefined);
  if (of === undefined) return null;
  const { payer, worker, modelId, version, outputHash, fee } = of;
  const found = own?.receipt ?? null;
  return {
    ...{ requestId, payer, worker, modelId, version, outputHash, fee },
    contributorsFee: onChain?.contributorsFee ?? (await contributorsPart(context).load(fee)),
    isSettled: onChain !== null,
    answeredAt: record?.endedAt ?? null,
    batchId: onChain?.batchId ?? null,
    unattributed: onChain?.unattributed ?? null,
    receipt: found && { ...found, said: JSON.parse(found.body) as Receipt },
    waiting: own?.waiting ?? null,
    state: stateOf(onChain?.attributionStatus ?? 'none', found !== null, own?.waiting != null),
  };
}

function stateOf(onChain: 'none' | 'posted' | 'final', hasReceipt: boolean, isWaiting: boolean): State {
  if (onChain !== 'none') return onChain;
  if (hasReceipt) return 'estimated';
  return isWaiting ? 'waiting' : 'none';
}
