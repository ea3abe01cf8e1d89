import type { ChainEvent } from './event.ts';

/** An account that caused an event, and as what; undefined where the event does not tell. */
export type Actor = { readonly account: string; readonly role: string | undefined };

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Each event of `names` → `value`. */
const each = <const value>(names: string, value: value): [string, value][] => words(names).map((name) => [name, value]);

/** What an event is about, and the argument that holds its id. Everything else is about the contract that emitted it. */
const subjects = new Map<string, readonly [type: string, argument: string]>([
  ...each('Deposit Withdrawal', ['account', 'sender']),
  ...each('DelegateChanged', ['account', 'delegator']),
  ...each('DelegateVotesChanged', ['account', 'delegate']),
  ...each('RelayerAuthorized RelayerRevoked', ['account', 'account']),
  ...each('Deposited WithdrawalRequested Withdrawn', ['account', 'payer']),
  ...each('EarningsWithdrawn Claimed StakerRewardPaid', ['account', 'account']),
  ...each('PenaltyUpdated', ['account', 'contributor']),
  ...each('ProposalCreated ProposalQueued ProposalExecuted ProposalCanceled', ['proposal', 'proposalId']),
  ...each('VoteCast VoteCastWithParams', ['proposal', 'proposalId']),
  ...each('CallScheduled CallExecuted CallSalt Cancelled', ['operation', 'id']),
  ...each('DatanetCreated DatanetMetadataUpdated DatanetStatusUpdated', ['datanet', 'datanetId']),
  ...each('DatanetOwnershipTransferred DatanetRulesUpdated ValidatorSet', ['datanet', 'datanetId']),
  ...each('DatanetVersionPublished AccessRequested AccessGranted AccessRevoked', ['datanet', 'datanetId']),
  ...each('ContributionSubmitted ScoreCommitted ContributionScored', ['contribution', 'contributionId']),
  ...each('ContributionAccepted ContributionRejected ContributionRevoked', ['contribution', 'contributionId']),
  ...each('ModelRegistered ModelVersionPublished ModelTrainedOn ModelEvaluated', ['model', 'modelId']),
  ...each('ModelPricingUpdated ModelStatusUpdated AdapterDeployed AdapterUndeployed', ['model', 'modelId']),
  ...each('WorkerRegistered', ['worker', 'worker']),
  ...each('InferenceSettled FeeDistributed InferenceAttributed', ['inference', 'requestId']),
  ...each('AlgorithmSet', ['algorithm', 'algorithmId']),
  ...each('AttributionBatchPosted AttributionBatchFinalized', ['attribution_batch', 'batchId']),
  ...each('AttributionBatchRevoked', ['attribution_batch', 'batchId']),
  ...each('EpochClosed RootProposed RootRevoked RootAccepted', ['epoch', 'epochId']),
  ...each('RoleStaked UnstakeRequested StakeWithdrawn Slashed', ['stake', 'stakeId']),
  ...each('DisputeRaised DisputeCountered DisputeResolved', ['dispute', 'disputeId']),
]);

/** The argument that names who caused an event. Elsewhere it was the sender of the transaction. */
const actors = new Map<string, string>([
  ...each('Paused Unpaused RelayerAuthorized RelayerRevoked', 'account'),
  ...each('Claimed RoleStaked StakeWithdrawn StakerRewardPaid', 'account'),
  ...each('Approval DatanetCreated ModelRegistered', 'owner'),
  ...each('Deposit Withdrawal', 'sender'),
  ...each('DelegateChanged', 'delegator'),
  ...each('ProposalCreated', 'proposer'),
  ...each('VoteCast VoteCastWithParams', 'voter'),
  ...each('DatanetOwnershipTransferred', 'from'),
  ...each('AccessRequested', 'grantee'),
  ...each('ContributionSubmitted', 'contributor'),
  ...each('ScoreCommitted ContributionScored', 'validator'),
  ...each('WorkerRegistered', 'operator'),
  ...each('Deposited WithdrawalRequested Withdrawn', 'payer'),
  ...each('InferenceSettled AttributionBatchPosted', 'worker'),
  ...each('DisputeRaised', 'initiator'),
  ...each('DisputeCountered', 'by'),
]);

/** As what the actor of an event acted. */
const roles = new Map<string, string>([
  ...each('Transfer Approval Deposit Withdrawal', 'holder'),
  ...each('DelegateChanged VoteCast VoteCastWithParams', 'voter'),
  ...each('ProposalCreated', 'proposer'),
  ...each('DatanetCreated DatanetMetadataUpdated DatanetStatusUpdated DatanetOwnershipTransferred', 'datanet_owner'),
  ...each('DatanetRulesUpdated ValidatorSet DatanetVersionPublished AccessGranted AccessRevoked', 'datanet_owner'),
  ...each('RelayerAuthorized RelayerRevoked ContributionSubmitted Claimed', 'contributor'),
  ...each('ScoreCommitted ContributionScored', 'validator'),
  ...each('AccessRequested ModelRegistered ModelVersionPublished ModelTrainedOn', 'builder'),
  ...each('ModelPricingUpdated ModelStatusUpdated', 'builder'),
  ...each('WorkerRegistered AdapterDeployed InferenceSettled AttributionBatchPosted InferenceAttributed', 'worker'),
  ...each('Deposited WithdrawalRequested Withdrawn', 'payer'),
  ...each('RoleStaked StakeWithdrawn StakerRewardPaid', 'staker'),
  ...each('DisputeRaised DisputeCountered', 'disputer'),
]);

/** A payer signed the voucher that an answer is settled with; a relayer carried another's contribution. */
const alsoActing = new Map<string, readonly [argument: string, role: string]>([
  ...each('InferenceSettled', ['payer', 'payer']),
  ...each('ContributionSubmitted', ['relayer', 'relayer']),
]);

/** The log's name for a contract: both kinds of vesting wallet are one. */
export const logName = ({ contract }: ChainEvent): string =>
  contract === 'LinearVesting' || contract === 'CliffVesting' ? 'VestingWallet' : contract;

/** What an event is about: a type, and the entity's id as text. */
export function subjectOf(event: ChainEvent): { readonly type: string; readonly id: string } {
  const subject = subjects.get(event.name);
  if (subject !== undefined) return { type: subject[0], id: String(event.args[subject[1]]) };
  const name = logName(event);
  const type = name === 'VestingWallet' ? 'vesting_wallet' : name === 'Open' || name === 'GOPEN' ? 'token' : 'contract';
  return { type, id: event.place.address };
}

/** Who caused an event; the first is its actor, others had to act for it to be. Nobody stands there twice. */
export function actorsOf(event: ChainEvent): readonly [Actor, ...Actor[]] {
  const argument = actors.get(event.name);
  const actor = {
    account: argument === undefined ? event.place.sender : event.text(argument),
    role: roles.get(event.name),
  };
  const also = alsoActing.get(event.name);
  if (also === undefined || event.text(also[0]) === actor.account) return [actor];
  return [actor, { account: event.text(also[0]), role: also[1] }];
}
