import type { Result } from 'ethers';
import type { ChainEvent, ChainLog } from './chain-log.ts';
import { type CountQuery, EnumValue, type Filter, type GraphqlClient } from './graphql.ts';
import type { StateReport } from './state.ts';

/** How many rows a list must have, by what the chain's events imply. */
export type Expected = CountQuery & { readonly count: number };

/** Compares the size of every list, whole and by status, with what the events imply. */
export async function compareCounts(api: GraphqlClient, log: ChainLog): Promise<StateReport> {
  const expected = [...datanets(log), ...models(log), ...money(log), ...governance(log), ...accounts(log)];
  const counts = await api.counts(expected);
  const surprises = expected.flatMap(({ list, filter, count }, index) => {
    if (counts[index] === count) return [];
    const which = filter === undefined ? '' : ` with ${JSON.stringify(filter)}`;
    return [`${list}${which}: ${count} by the chain's events, ${counts[index]} in GraphQL`];
  });
  return { checked: expected.length, surprises };
}

function datanets(log: ChainLog): readonly Expected[] {
  const submitted = log.of('ContributionSubmitted').length;
  const revoked = new Set(log.of('ContributionRevoked').map(idOf));
  const decided = new Set([...log.of('ContributionAccepted'), ...log.of('ContributionRejected')].map(idOf));
  const accepted = log.of('ContributionAccepted').filter((event) => !revoked.has(idOf(event))).length;
  const access = [...log.of('AccessRequested'), ...log.of('AccessGranted'), ...log.of('AccessRevoked')];
  const rejected = log.of('ContributionRejected').length;
  const pending = submitted - new Set([...revoked, ...decided]).size;
  const validators = log.latest(log.of('ValidatorSet'), 'datanetId', 'validator');
  const relayers = [...log.of('RelayerAuthorized'), ...log.of('RelayerRevoked')];
  return [
    whole('datanets', log.of('DatanetCreated').length),
    some(
      'datanets',
      { visibility: is('PRIVATE') },
      log.of('DatanetCreated').filter(({ args }) => args.visibility === 1n).length,
    ),
    whole('contributions', submitted),
    some('contributions', { status: is('PENDING') }, pending),
    some('contributions', { status: is('ACCEPTED') }, accepted),
    some('contributions', { status: is('REJECTED') }, rejected),
    some('contributions', { status: is('REVOKED') }, revoked.size),
    whole('contributionScores', log.of('ScoreCommitted').length),
    some('contributionScores', { score: { isNull: false } }, log.of('ContributionScored').length),
    whole('datanetVersions', log.of('DatanetVersionPublished').length),
    whole('datanetValidators', validators.length),
    some('datanetValidators', { active: { eq: true } }, validators.filter(({ args }) => args.active).length),
    whole('datanetAccess', log.distinct(access, 'datanetId', 'grantee')),
    whole('datanetContributors', log.distinct(log.of('ContributionSubmitted'), 'datanetId', 'contributor')),
    whole('relayerAuthorizations', log.distinct(relayers, 'account', 'relayer')),
  ];
}

function models(log: ChainLog): readonly Expected[] {
  const deployed = log.of('AdapterDeployed');
  return [
    whole('models', log.of('ModelRegistered').length),
    whole('modelVersions', log.of('ModelVersionPublished').length),
    whole('modelTrainings', log.of('ModelTrainedOn').length),
    whole('modelEvaluations', log.of('ModelEvaluated').length),
    whole('workers', log.distinct(log.of('WorkerRegistered'), 'worker')),
    whole('deployments', log.distinct(deployed, 'modelId', 'worker', 'version')),
    some('deployments', { active: { eq: true } }, deployed.length - log.of('AdapterUndeployed').length),
  ];
}

function money(log: ChainLog): readonly Expected[] {
  const attributed = log.of('InferenceAttributed');
  const parts = (batches?: ReadonlySet<bigint>) =>
    attributed
      .filter(({ args }) => batches === undefined || batches.has(args.batchId))
      .reduce((sum, { args }) => sum + args.contributionIds.length, 0);
  const final = new Set(log.of('AttributionBatchFinalized').map(({ args }) => args.batchId as bigint));
  const undone = new Set(log.of('AttributionBatchRevoked').map(({ args }) => args.batchId as bigint));
  const posted = log.of('AttributionBatchPosted').length;
  const roots = log.of('RootProposed').length;
  const rootsRevoked = log.of('RootRevoked').length;
  const rootsAccepted = log.of('RootAccepted').length;
  const contributors = new Set(
    log
      .of('InferenceAttributed')
      .filter(({ args }) => final.has(args.batchId))
      .flatMap(({ args }) => [...args.contributionIds] as bigint[])
      .map((id) => log.of('ContributionSubmitted').find(({ args }) => args.contributionId === id)!.args.contributor),
  );
  const disputes = log.of('DisputeRaised').length;
  const resolved = log.of('DisputeResolved');
  const upheld = resolved.filter(({ args }) => args.upheld).length;
  // A rejection takes the bond; a dispute that lapsed gives it back.
  const rejected = resolved.filter(({ args }) => !args.upheld && args.slashed > 0n).length;
  return [
    whole('inferences', log.of('InferenceSettled').length),
    some(
      'inferences',
      { attributionStatus: is('FINAL') },
      attributed.filter(({ args }) => final.has(args.batchId)).length,
    ),
    whole('feeSplits', log.of('FeeSplitUpdated').length),
    whole('algorithms', log.distinct(log.of('AlgorithmSet'), 'algorithmId')),
    whole('attributionBatches', posted),
    some('attributionBatches', { status: is('FINALIZED') }, final.size),
    some('attributionBatches', { status: is('REVOKED') }, undone.size),
    some('attributionBatches', { status: is('POSTED') }, posted - final.size - undone.size),
    whole('attributions', parts()),
    some('attributions', { status: is('FINAL') }, parts(final)),
    some('attributions', { status: is('REVOKED') }, parts(undone)),
    whole('epochs', log.of('EpochClosed').length),
    whole('rewardRoots', roots),
    some('rewardRoots', { status: is('ACCEPTED') }, rootsAccepted),
    some('rewardRoots', { status: is('REVOKED') }, rootsRevoked),
    some('rewardRoots', { status: is('PROPOSED') }, roots - rootsAccepted - rootsRevoked),
    whole('claims', log.of('Claimed').length),
    whole('rewardAccounts', contributors.size),
    whole('stakes', log.of('RoleStaked').length),
    whole('slashes', log.of('Slashed').length),
    whole('stakerRewards', log.of('StakerRewardPaid').length),
    whole('disputes', disputes),
    some('disputes', { status: is('UPHELD') }, upheld),
    some('disputes', { status: is('REJECTED') }, rejected),
    some('disputes', { status: is('EXPIRED') }, resolved.length - upheld - rejected),
    some('disputes', { status: is('OPEN') }, disputes - resolved.length),
    whole('disputeCounters', log.of('DisputeCountered').length),
  ];
}

function governance(log: ChainLog): readonly Expected[] {
  const created = log.of('ProposalCreated').length;
  const canceled = log.of('ProposalCanceled').length;
  const executed = log.of('ProposalExecuted').length;
  const queued = log.of('ProposalQueued').length;
  const scheduled = log.of('CallScheduled');
  const cancelledOperations = new Set(log.of('Cancelled').map(({ args }) => args.id));
  const cancelled = scheduled.filter(({ args }) => cancelledOperations.has(args.id)).length;
  const called = log.of('CallExecuted').length;
  const roles = [...log.of('RoleGranted'), ...log.of('RoleRevoked')];
  const settings = [
    'VotingDelaySet',
    'VotingPeriodSet',
    'ProposalThresholdSet',
    'QuorumNumeratorUpdated',
    'MinDelayChange',
  ];
  return [
    whole('proposals', created),
    some('proposals', { status: is('EXECUTED') }, executed),
    some('proposals', { status: is('CANCELED') }, canceled),
    whole('votes', log.of('VoteCast').length + log.of('VoteCastWithParams').length),
    whole('timelockCalls', scheduled.length),
    some('timelockCalls', { status: is('EXECUTED') }, called),
    some('timelockCalls', { status: is('CANCELLED') }, cancelled),
    some('timelockCalls', { status: is('SCHEDULED') }, scheduled.length - called - cancelled),
    some('proposals', { eta: { isNull: false } }, queued),
    whole('roleMembers', log.distinct(roles, 'role', 'account')),
    whole('pauseStates', log.distinct([...log.of('Paused'), ...log.of('Unpaused')])),
    whole('parameters', log.distinct(log.of('ParameterUpdated'), 'parameter') + settings.length),
  ];
}

function accounts(log: ChainLog): readonly Expected[] {
  const zero = `0x${'0'.repeat(40)}`;
  const transfers = log.of('Transfer');
  const approvals = log.of('Approval');
  const named = new Set(log.events.flatMap(({ args, sender }) => [sender, ...addressesIn(args)]));
  named.delete(zero);
  return [
    whole('accounts', named.size),
    whole('tokens', log.distinct(transfers)),
    whole('tokenTransfers', transfers.length),
    whole('allowances', log.distinct(approvals, 'owner', 'spender')),
    whole('vestingWallets', log.distinct(log.of('OwnershipTransferred'))),
    whole('vestingReleases', log.of('ERC20Released').length + log.of('EtherReleased').length),
  ];
}

function addressesIn(args: Result): string[] {
  const values = [...args].flatMap((value) => (Array.isArray(value) ? [...value] : [value]));
  return values
    .filter((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value))
    .map((value) => value.toLowerCase());
}

function idOf({ args }: ChainEvent): bigint {
  return args.contributionId;
}

function is(value: string): Filter {
  return { eq: new EnumValue(value) };
}

function whole(list: string, count: number): Expected {
  return { list, count };
}

function some(list: string, filter: Filter, count: number): Expected {
  return { list, filter, count };
}
