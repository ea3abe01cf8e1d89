import { contributorIn } from './datanets.ts';
import type { ChainEvent } from './event.ts';
import { credit } from './inference.ts';
import { rewardAccountOf } from './rewards.ts';
import { change, created, type Fold, gather, type State } from './state.ts';

const million = 1_000_000n;

/** AttributionLedger: which contributions answers drew on. Only a final batch pays; a revoked one leaves its rows behind. */
export const attribution: Fold = (state, event) => {
  switch (event.name) {
    case 'AlgorithmSet':
      return allow(state, event);
    case 'AttributionBatchPosted':
      return post(state, event);
    case 'InferenceAttributed':
      return attribute(state, event);
    case 'AttributionBatchFinalized':
      return finalize(state, event);
    case 'AttributionBatchRevoked':
      return revoke(state, event);
  }
};

function allow({ tables }: State, event: ChainEvent): void {
  const id = event.text('algorithmId');
  const row = tables.algorithm.open(() => ({ id, active: false, uri: '', uriHash: '', ...created(event) }), id);
  change(row, event, { active: event.flag('active'), uri: event.text('uri'), uriHash: event.text('uriHash') });
}

function post({ tables }: State, event: ChainEvent): void {
  tables.attributionBatch.put(
    {
      id: event.big('batchId'),
      worker: event.text('worker'),
      algorithmId: event.text('algorithmId'),
      root: event.text('root'),
      evidenceHash: event.text('evidenceHash'),
      uri: event.text('uri'),
      requests: event.int('requests'),
      challengeDeadline: event.big('challengeDeadline'),
      status: 'posted',
      // The sums of the InferenceAttributed events that follow in the same call.
      attributed: 0n,
      unattributed: 0n,
      disputeId: null,
      closedAt: null,
      ...created(event),
    },
    event.big('batchId'),
  );
}

function attribute(state: State, event: ChainEvent): void {
  const { tables } = state;
  const batchId = event.big('batchId');
  const requestId = event.text('requestId');
  const modelId = event.big('modelId');
  const unattributed = event.big('unattributed');
  const contributionIds = event.list<bigint>('contributionIds');
  const amounts = event.list<bigint>('amounts');
  const attributed = amounts.reduce((sum, amount) => sum + amount, 0n);
  // The contract makes sure that these are the whole of the contributors' part.
  const whole = attributed + unattributed;

  const request = {
    batchId,
    requestId,
    modelId,
    contributions: contributionIds.length,
    attributed,
    unattributed,
    status: 'posted',
    ...created(event),
  };
  gather(state.requestsOf, batchId, tables.attributionRequest.put(request, batchId, requestId));
  for (const [i, contributionId] of contributionIds.entries()) {
    const { datanetId, contributor } = tables.contribution.get(contributionId);
    const amount = amounts[i]!;
    const part = {
      batchId,
      requestId,
      contributionId,
      modelId,
      datanetId,
      contributor,
      amount,
      sharePpm: whole === 0n ? 0 : Number((amount * million) / whole),
      status: 'posted',
      ...created(event),
    };
    gather(state.partsOf, batchId, tables.attribution.put(part, batchId, requestId, contributionId));
  }
  const batch = tables.attributionBatch.get(batchId);
  change(batch, event, {
    attributed: batch.attributed + attributed,
    unattributed: batch.unattributed + unattributed,
  });
  change(tables.inference.get(requestId), event, { attributionStatus: 'posted', batchId, unattributed });
}

function finalize(state: State, event: ChainEvent): void {
  const { tables } = state;
  const batchId = event.big('batchId');
  const batch = tables.attributionBatch.get(batchId);
  change(batch, event, { status: 'finalized', closedAt: event.timestamp });
  for (const request of state.requestsOf.get(batchId) ?? []) {
    change(request, event, { status: 'final' });
    change(tables.inference.get(request.requestId), event, { attributionStatus: 'final' });
  }
  for (const part of state.partsOf.get(batchId) ?? []) {
    const { amount, contributor, datanetId } = part;
    change(part, event, { status: 'final' });
    const contribution = tables.contribution.get(part.contributionId);
    change(contribution, event, {
      attributions: contribution.attributions + 1,
      attributed: contribution.attributed + amount,
    });
    for (const row of [
      tables.datanet.get(datanetId),
      contributorIn(state, event, datanetId, contributor),
      rewardAccountOf(state, event, contributor),
    ]) {
      change(row, event, { attributed: row.attributed + amount });
    }
  }
  // InferenceEscrow.releaseContributors: what no evidence supports is the treasury's.
  credit(state, event, state.treasury, batch.unattributed);
}

/** Its requests wait for an attribution again. */
function revoke(state: State, event: ChainEvent): void {
  const { tables } = state;
  const batchId = event.big('batchId');
  change(tables.attributionBatch.get(batchId), event, {
    status: 'revoked',
    disputeId: event.big('disputeId'),
    closedAt: event.timestamp,
  });
  for (const request of state.requestsOf.get(batchId) ?? []) {
    change(request, event, { status: 'revoked' });
    change(tables.inference.get(request.requestId), event, {
      attributionStatus: 'none',
      batchId: null,
      unattributed: null,
    });
  }
  for (const part of state.partsOf.get(batchId) ?? []) change(part, event, { status: 'revoked' });
}
