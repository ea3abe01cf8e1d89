import type { Hex, Value } from '../call.ts';
import { existingContribution } from './contributions.ts';
import { credit } from './escrow.ts';
import { internalOnly, onlyTimelock } from './governed.ts';
import type { AttributionRecord } from './records.ts';
import { type Handlers, increase, move, notPaused, parameter, patch, put, refuse, type Shadow } from './state.ts';

type Attribution = [
  requestId: Hex,
  contributionIds: readonly bigint[],
  amounts: readonly bigint[],
  unattributed: bigint,
];

function attribute(s: Shadow, batchId: bigint, worker: Hex, attribution: Attribution): AttributionRecord[] {
  const [requestId, contributionIds, amounts, unattributed] = attribution;
  const request = s.requests.get(requestId);
  if (request?.worker !== worker) refuse(0, `${worker} did not serve request ${requestId}`);
  const previous = s.batches.get(request.batchId);
  if (request.batchId === batchId || (previous && previous.status !== 'revoked')) {
    refuse(3, `request ${requestId} is already attributed in batch ${request.batchId}`);
  }
  if (previous) s.promise = 4;
  if (contributionIds.length !== amounts.length || amounts.length > 64) refuse(1, 'lengths differ');
  patch(s, request, { batchId });
  let last = 0n;
  for (const contributionId of contributionIds) {
    if (contributionId <= last) refuse(1, 'contributions not in ascending order');
    last = contributionId;
    const contribution = existingContribution(s, contributionId);
    if (contribution.status !== 'accepted') refuse(0, `contribution ${contributionId} is ${contribution.status}`);
    if (!s.trainedOn.has(`${request.modelId} ${request.version} ${contribution.datanetId}`)) {
      refuse(0, 'the model was not trained on it');
    }
  }
  const attributed = amounts.reduce((sum, amount) => sum + amount, 0n);
  if (attributed + unattributed !== request.contributorsPart) {
    refuse(1, `${attributed} + ${unattributed} is not the contributors' part ${request.contributorsPart}`);
  }
  return contributionIds.map((contributionId, index) => ({ contributionId, amount: amounts[index]! }));
}

export const ledgerHandlers: Handlers = {
  setAlgorithm(s, from, args) {
    const [algorithmId, active] = args as [Hex, boolean, string, Hex];
    onlyTimelock(s, from);
    put(s, s.algorithms, algorithmId, active);
  },
  postBatch(s, from, args) {
    const [worker, algorithmId, , , , attributions] = args as [Hex, Hex, Hex, Hex, string, readonly Value[]];
    notPaused(s, 'AttributionLedger');
    const operator = s.operators.get(worker);
    if (from !== worker && from !== operator) refuse(0, `${from} may not post for ${worker}`);
    if (!s.algorithms.get(algorithmId)) refuse(0, 'not an allowed method');
    if (attributions.length === 0 || attributions.length > 256) refuse(0, 'an empty or oversized batch');
    const batchId = BigInt(s.batches.size + 1);
    const entries = attributions as unknown as readonly Attribution[];
    const shares = entries.flatMap((entry) => attribute(s, batchId, worker, entry));
    put(s, s.batches, batchId, {
      worker,
      // Somebody who never served cannot have settled requests, so a batch always has an operator.
      operator: operator ?? refuse(0, `${worker} is no worker`),
      deadline: s.now + parameter(s, 'AttributionLedger', 'CHALLENGE_WINDOW'),
      attributed: shares.reduce((sum, { amount }) => sum + amount, 0n),
      unattributed: entries.reduce((sum, [, , , unattributed]) => sum + unattributed, 0n),
      shares,
      status: 'posted',
      challenged: false,
    });
  },
  finalizeBatch(s, _, args) {
    const [batchId] = args as [bigint];
    const batch = s.batches.get(batchId) ?? refuse(4, `batch ${batchId} does not exist`);
    if (batch.status !== 'posted') refuse(4, `batch ${batchId} is ${batch.status}`);
    if (s.now < batch.deadline) refuse(4, `batch ${batchId} can be challenged until ${batch.deadline}`);
    if (batch.challenged) refuse(4, `batch ${batchId} is disputed`);
    const { InferenceEscrow, RewardDistributor } = s.setting.addresses;
    patch(s, batch, { status: 'finalized' });
    for (const { contributionId, amount } of batch.shares) {
      increase(s, s.earned, s.contributions.get(contributionId)!.contributor, amount);
    }
    patch(s, s.escrow, { held: s.escrow.held - batch.attributed - batch.unattributed });
    credit(s, s.setting.timelock, batch.unattributed);
    if (batch.attributed === 0n) return;
    patch(s, s.rewards, { funded: s.rewards.funded + batch.attributed });
    move(s, InferenceEscrow, RewardDistributor, batch.attributed);
  },
  setChallenged: internalOnly(4),
  revokeBatch: internalOnly(4),
};
