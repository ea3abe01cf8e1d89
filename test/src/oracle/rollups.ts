import { add, datanetBucket, modelBucket, newlyActive, newlyContributing, protocolBucket, unseen } from './buckets.ts';
import type { ChainEvent } from './event.ts';
import type { Fold, Row, State, TableName } from './state.ts';
import { lengths, startOf } from './time.ts';

/** What an event adds to some columns of a rollup. */
type Flow<name extends TableName> = { [column in keyof Row<name>]?: number | bigint };

/**
 * What happened in each hour and day: to the protocol, to each datanet, to each model. These are flows: what is undone
 * later is not subtracted. An event belongs to the datanet and to the model that it names, or to the datanet of the
 * contribution that it names. Attribution counts when its batch becomes final, and that is one event for each datanet
 * and each model in the batch.
 *
 * Runs after the other folds and before the accounts', so that it sees the rows an event speaks of but knows which
 * accounts are new.
 */
export const rollups: Fold = (state, event) => {
  const flow = protocolFlow(state, event);
  const datanetFlows = flowsOfDatanets(state, event);
  const modelFlows = flowsOfModels(state, event);
  for (const length of lengths) {
    const bucket = startOf(length, event.timestamp);
    add(protocolBucket(state, length, bucket), { ...flow, activeAccounts: newlyActive(state, event, length, bucket) });
    for (const [datanetId, sums] of datanetFlows) {
      add(datanetBucket(state, length, datanetId, bucket), {
        ...sums,
        contributors: newlyContributing(state, event, length, bucket),
      });
    }
    for (const [modelId, sums] of modelFlows) add(modelBucket(state, length, modelId, bucket), sums);
  }
};

function protocolFlow(state: State, event: ChainEvent): Flow<'protocolHour'> {
  const base = { events: 1, newAccounts: unseen(state, event) };
  switch (event.name) {
    case 'DatanetCreated':
      return { ...base, datanetsCreated: 1 };
    case 'ContributionSubmitted':
      return { ...base, contributionsSubmitted: 1 };
    case 'ContributionAccepted':
      return { ...base, contributionsAccepted: 1, rowsAccepted: rowsOf(state, event) };
    case 'ContributionRejected':
      return { ...base, contributionsRejected: 1 };
    case 'ContributionRevoked':
      return { ...base, contributionsRevoked: 1 };
    case 'ContributionScored':
      return { ...base, scores: 1 };
    case 'DatanetVersionPublished':
      return { ...base, datanetVersions: 1 };
    case 'ModelRegistered':
      return { ...base, modelsRegistered: 1 };
    case 'ModelVersionPublished':
      return { ...base, modelVersions: 1 };
    case 'AdapterDeployed':
      return { ...base, deployments: 1 };
    case 'AdapterUndeployed':
      return { ...base, undeployments: 1 };
    case 'InferenceSettled':
      return { ...base, ...answered(event) };
    case 'AttributionBatchFinalized': {
      const { attributed, unattributed } = state.tables.attributionBatch.get(event.big('batchId'));
      return { ...base, attributed, unattributed };
    }
    case 'Claimed':
      return { ...base, claims: 1, claimed: event.big('amount') };
    case 'Deposited':
      return { ...base, deposited: event.big('amount') };
    case 'RoleStaked':
      return { ...base, staked: event.big('amount') };
    case 'Slashed':
      return { ...base, slashed: event.big('amount') };
    case 'DisputeRaised':
      return { ...base, disputes: 1 };
    case 'VoteCast':
    case 'VoteCastWithParams':
      return { ...base, votes: 1 };
    default:
      return base;
  }
}

function flowsOfDatanets(state: State, event: ChainEvent): Map<bigint, Flow<'datanetHour'>> {
  const flows = new Map<bigint, Flow<'datanetHour'>>();
  const named = datanetOf(state, event);
  if (named !== undefined) flows.set(named, { events: 1, ...datanetFlow(state, event) });
  if (event.name === 'AttributionBatchFinalized') {
    for (const { datanetId, amount } of state.partsOf.get(event.big('batchId')) ?? []) {
      const before = flows.get(datanetId);
      flows.set(datanetId, {
        events: 1,
        attributions: Number(before?.attributions ?? 0) + 1,
        attributed: BigInt(before?.attributed ?? 0) + amount,
      });
    }
  }
  return flows;
}

function datanetFlow(state: State, event: ChainEvent): Flow<'datanetHour'> {
  switch (event.name) {
    case 'ContributionSubmitted':
      return { submitted: 1 };
    case 'ContributionAccepted':
      return { accepted: 1, rowsAccepted: rowsOf(state, event) };
    case 'ContributionRejected':
      return { rejected: 1 };
    case 'ContributionRevoked':
      return { revoked: 1 };
    case 'ContributionScored':
      return { scores: 1 };
    case 'DatanetVersionPublished':
      return { versions: 1 };
    case 'ModelTrainedOn':
      return { trainings: 1 };
    case 'AccessGranted':
      return { accessGrants: 1 };
    default:
      return {};
  }
}

function flowsOfModels(state: State, event: ChainEvent): Map<bigint, Flow<'modelHour'>> {
  const flows = new Map<bigint, Flow<'modelHour'>>();
  if (event.has('modelId')) flows.set(event.big('modelId'), { events: 1, ...modelFlow(event) });
  if (event.name === 'AttributionBatchFinalized') {
    for (const { modelId, attributed, unattributed } of state.requestsOf.get(event.big('batchId')) ?? []) {
      const before = flows.get(modelId);
      flows.set(modelId, {
        events: 1,
        attributed: BigInt(before?.attributed ?? 0) + attributed,
        unattributed: BigInt(before?.unattributed ?? 0) + unattributed,
      });
    }
  }
  return flows;
}

function modelFlow(event: ChainEvent): Flow<'modelHour'> {
  switch (event.name) {
    case 'ModelVersionPublished':
      return { versions: 1 };
    case 'ModelEvaluated':
      return { evaluations: 1 };
    case 'AdapterDeployed':
      return { deployments: 1 };
    case 'AdapterUndeployed':
      return { undeployments: 1 };
    case 'InferenceSettled':
      return answered(event);
    default:
      return {};
  }
}

const answered = (event: ChainEvent) => ({
  inferences: 1,
  inTokens: event.big('inTokens'),
  outTokens: event.big('outTokens'),
  fees: event.big('fee'),
});

export function datanetOf({ tables }: State, event: ChainEvent): bigint | undefined {
  if (event.has('datanetId')) return event.big('datanetId');
  return event.has('contributionId') ? tables.contribution.get(event.big('contributionId')).datanetId : undefined;
}

const rowsOf = ({ tables }: State, event: ChainEvent): bigint =>
  tables.contribution.get(event.big('contributionId')).rows;
