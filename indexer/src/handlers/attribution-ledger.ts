import {
  algorithm,
  attribution,
  attributionBatch,
  attributionRequest,
  contribution,
  datanet,
  datanetContributor,
  inference,
  rewardAccount,
} from 'ponder:schema';
import { eq } from 'ponder';
import { record } from '../activity.ts';
import { treasury } from '../deployment.ts';
import { book } from '../escrow.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { plus } from '../plus.ts';
import { created, updated } from '../provenance.ts';
import { emptyRewards } from '../rewards.ts';
import type { DatanetDelta, ModelDelta } from '../rollups.ts';

on('AttributionLedger:AlgorithmSet', async (e) => {
  const { algorithmId, active, uri, uriHash } = e.args;
  await e.db
    .insert(algorithm)
    .values({ id: algorithmId, active, uri, uriHash, ...created(e) })
    .onConflictDoUpdate({ active, uri, uriHash, ...updated(e) });
  return record(e);
});

on('AttributionLedger:AttributionBatchPosted', async (e) => {
  const { batchId, worker, algorithmId, root, evidenceHash, uri, requests, challengeDeadline } = e.args;
  await e.db.insert(attributionBatch).values({
    id: batchId,
    worker,
    algorithmId,
    root,
    evidenceHash,
    uri,
    requests,
    challengeDeadline,
    status: 'posted',
    attributed: 0n,
    unattributed: 0n,
    ...created(e),
  });
  return record(e);
});

on('AttributionLedger:InferenceAttributed', async (e) => {
  const { requestId, batchId, modelId, contributionIds, amounts, unattributed } = e.args;
  const { contributorsFee } = await e.db
    .update(inference, { requestId })
    .set({ attributionStatus: 'posted', batchId, unattributed, ...updated(e) });
  const attributed = amounts.reduce((sum, amount) => sum + amount, 0n);
  await e.db.insert(attributionRequest).values({
    batchId,
    requestId,
    modelId,
    contributions: contributionIds.length,
    attributed,
    unattributed,
    status: 'posted',
    ...created(e),
  });
  await e.db
    .update(attributionBatch, { id: batchId })
    .set((row) => ({ ...plus(row, { attributed, unattributed }), ...updated(e) }));
  for (const [i, contributionId] of contributionIds.entries()) {
    const source = await e.db.find(contribution, { id: contributionId });
    if (source === null)
      throw new Error(`Request ${requestId} is attributed to the unknown contribution ${contributionId}`);
    const amount = amounts[i] ?? 0n;
    await e.db.insert(attribution).values({
      batchId,
      requestId,
      contributionId,
      modelId,
      datanetId: source.datanetId,
      contributor: source.contributor,
      amount,
      sharePpm: contributorsFee === 0n ? 0 : Number((amount * 1_000_000n) / contributorsFee),
      status: 'posted',
      ...created(e),
    });
  }
  return record(e);
});

on('AttributionLedger:AttributionBatchFinalized', async (e) => {
  const { batchId } = e.args;
  const datanets = new Map<bigint, Required<Pick<DatanetDelta, 'attributions' | 'attributed'>>>();
  const models = new Map<bigint, Required<Pick<ModelDelta, 'attributed' | 'unattributed'>>>();
  for (const { requestId, modelId, attributed, unattributed } of await requestsOf(e, batchId)) {
    await e.db.update(attributionRequest, { batchId, requestId }).set({ status: 'final', ...updated(e) });
    await e.db.update(inference, { requestId }).set({ attributionStatus: 'final', ...updated(e) });
    const sums = models.get(modelId) ?? { attributed: 0n, unattributed: 0n };
    models.set(modelId, { ...plus(sums, { attributed, unattributed }) });
  }
  for (const { requestId, contributionId, datanetId, contributor, amount } of await attributionsOf(e, batchId)) {
    await e.db.update(attribution, { batchId, requestId, contributionId }).set({ status: 'final', ...updated(e) });
    await pay(e, contributionId, datanetId, contributor, amount);
    const sums = datanets.get(datanetId) ?? { attributions: 0, attributed: 0n };
    datanets.set(datanetId, { ...plus(sums, { attributions: 1, attributed: amount }) });
  }
  const { attributed, unattributed } = await e.db
    .update(attributionBatch, { id: batchId })
    .set({ status: 'finalized', closedAt: e.timestamp, ...updated(e) });
  await book(e, treasury, { earned: unattributed });
  return record(e, { protocol: { attributed, unattributed }, datanets, models });
});

/** A revoked batch pays nothing, and its requests wait for another one. */
on('AttributionLedger:AttributionBatchRevoked', async (e) => {
  const { batchId, disputeId } = e.args;
  for (const { requestId } of await requestsOf(e, batchId)) {
    await e.db.update(attributionRequest, { batchId, requestId }).set({ status: 'revoked', ...updated(e) });
    await e.db
      .update(inference, { requestId })
      .set({ attributionStatus: 'none', batchId: null, unattributed: null, ...updated(e) });
  }
  for (const { requestId, contributionId } of await attributionsOf(e, batchId)) {
    await e.db.update(attribution, { batchId, requestId, contributionId }).set({ status: 'revoked', ...updated(e) });
  }
  await e.db
    .update(attributionBatch, { id: batchId })
    .set({ status: 'revoked', disputeId, closedAt: e.timestamp, ...updated(e) });
  return record(e);
});

// Both read through the primary key, the only index there is while history is indexed.
const requestsOf = (e: Occurrence, batchId: bigint) =>
  e.db.sql.select().from(attributionRequest).where(eq(attributionRequest.batchId, batchId));
const attributionsOf = (e: Occurrence, batchId: bigint) =>
  e.db.sql.select().from(attribution).where(eq(attribution.batchId, batchId));

/** Credits one final attribution wherever it is summed up. */
const pay = async (
  e: Occurrence,
  contributionId: bigint,
  datanetId: bigint,
  contributor: `0x${string}`,
  amount: bigint,
) => {
  await e.db
    .update(contribution, { id: contributionId })
    .set((row) => ({ ...plus(row, { attributions: 1, attributed: amount }), ...updated(e) }));
  await e.db.update(datanet, { id: datanetId }).set((row) => ({ attributed: row.attributed + amount, ...updated(e) }));
  await e.db
    .update(datanetContributor, { datanetId, contributor })
    .set((row) => ({ attributed: row.attributed + amount, ...updated(e) }));
  await e.db
    .insert(rewardAccount)
    .values({ account: contributor, ...emptyRewards, attributed: amount, ...created(e) })
    .onConflictDoUpdate((row) => ({ attributed: row.attributed + amount, ...updated(e) }));
};
