import type { Event } from 'ponder:registry';
import { governedContracts, tunedContracts } from './contracts.ts';
import type { LogName } from './occurrence.ts';

/** What an activity is about. Its id is the entity's own: a decimal number, a hash, or an address. */
export type SubjectType =
  | 'account'
  | 'algorithm'
  | 'attribution_batch'
  | 'contract'
  | 'contribution'
  | 'datanet'
  | 'dispute'
  | 'epoch'
  | 'inference'
  | 'model'
  | 'operation'
  | 'proposal'
  | 'published_proposal'
  | 'published_staking'
  | 'stake'
  | 'token'
  | 'vesting_wallet'
  | 'worker';

/** As what an account acts; the roles of `account_role_day`. */
export type Role =
  | 'builder'
  | 'contributor'
  | 'datanet_owner'
  | 'disputer'
  | 'holder'
  | 'payer'
  | 'proposer'
  | 'relayer'
  | 'staker'
  | 'validator'
  | 'voter'
  | 'worker';

/** How one event reads in the activity log. */
export type Facet = {
  /** The subject's type, and the argument that holds its id; `@contract` for the emitting contract's address. */
  subject: readonly [type: SubjectType, argument: string];
  /** The argument that names who caused the event; without it, the sender of the transaction did. */
  actor?: string;
  /** As what the actor acted, where the event tells. */
  role?: Role;
  /** Others that had to act for the event to be. */
  also?: readonly (readonly [argument: string, role: Role])[];
};

type ArgumentOf<name extends LogName> = keyof Event<name>['args'] & string;
type FacetOf<name extends LogName> = {
  subject: readonly [SubjectType, ArgumentOf<name> | '@contract'];
  actor?: ArgumentOf<name>;
  role?: Role;
  also?: readonly (readonly [ArgumentOf<name>, Role])[];
};

const contract = { subject: ['contract', '@contract'] } as const;
const accessControl = { RoleGranted: contract, RoleRevoked: contract, RoleAdminChanged: contract } as const;
const pausable = {
  Paused: { ...contract, actor: 'account' },
  Unpaused: { ...contract, actor: 'account' },
} as const;
const governed = { ...accessControl, ...pausable } as const;

/** `{ Paused }` of `StakeManager` → `{ 'StakeManager:Paused' }`. */
const of = <const name extends string, const table extends Record<string, Facet>>(
  contracts: readonly name[],
  table: table,
) =>
  Object.fromEntries(
    contracts.flatMap((contractName) =>
      Object.entries(table).map(([event, facet]) => [`${contractName}:${event}`, facet] as const),
    ),
  ) as { [key in `${name}:${keyof table & string}`]: key extends `${string}:${infer event}` ? table[event] : never };

const token = { subject: ['token', '@contract'] } as const;

export const facets = {
  ...of(governedContracts, governed),
  ...of(tunedContracts, { ParameterUpdated: contract }),
  ...of(['TimelockController'], accessControl),
  ...of(['Open', 'GOPEN'], {
    Transfer: { ...token, role: 'holder' },
    Approval: { ...token, actor: 'owner', role: 'holder' },
    EIP712DomainChanged: token,
  }),
  ...of(['OpenGovernor', 'DatanetRegistry', 'ModelRegistry', 'InferenceEscrow'], { EIP712DomainChanged: contract }),

  'GOPEN:Deposit': { subject: ['account', 'sender'], actor: 'sender', role: 'holder' },
  'GOPEN:Withdrawal': { subject: ['account', 'sender'], actor: 'sender', role: 'holder' },
  'GOPEN:DelegateChanged': { subject: ['account', 'delegator'], actor: 'delegator', role: 'voter' },
  'GOPEN:DelegateVotesChanged': { subject: ['account', 'delegate'] },

  'OpenGovernor:ProposalCreated': { subject: ['proposal', 'proposalId'], actor: 'proposer', role: 'proposer' },
  'OpenGovernor:ProposalQueued': { subject: ['proposal', 'proposalId'] },
  'OpenGovernor:ProposalExecuted': { subject: ['proposal', 'proposalId'] },
  'OpenGovernor:ProposalCanceled': { subject: ['proposal', 'proposalId'] },
  'OpenGovernor:VoteCast': { subject: ['proposal', 'proposalId'], actor: 'voter', role: 'voter' },
  'OpenGovernor:VoteCastWithParams': { subject: ['proposal', 'proposalId'], actor: 'voter', role: 'voter' },
  'OpenGovernor:VotingDelaySet': contract,
  'OpenGovernor:VotingPeriodSet': contract,
  'OpenGovernor:ProposalThresholdSet': contract,
  'OpenGovernor:QuorumNumeratorUpdated': contract,
  'OpenGovernor:TimelockChange': contract,

  'TimelockController:CallScheduled': { subject: ['operation', 'id'] },
  'TimelockController:CallExecuted': { subject: ['operation', 'id'] },
  'TimelockController:CallSalt': { subject: ['operation', 'id'] },
  'TimelockController:Cancelled': { subject: ['operation', 'id'] },
  'TimelockController:MinDelayChange': contract,

  'VestingWallet:OwnershipTransferred': { subject: ['vesting_wallet', '@contract'] },
  'VestingWallet:ERC20Released': { subject: ['vesting_wallet', '@contract'] },
  'VestingWallet:EtherReleased': { subject: ['vesting_wallet', '@contract'] },

  'DatanetRegistry:DatanetCreated': { subject: ['datanet', 'datanetId'], actor: 'owner', role: 'datanet_owner' },
  'DatanetRegistry:DatanetMetadataUpdated': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:DatanetStatusUpdated': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:DatanetOwnershipTransferred': {
    subject: ['datanet', 'datanetId'],
    actor: 'from',
    role: 'datanet_owner',
  },
  'DatanetRegistry:DatanetRulesUpdated': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:ValidatorSet': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:DatanetVersionPublished': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:AccessRequested': { subject: ['datanet', 'datanetId'], actor: 'grantee', role: 'builder' },
  'DatanetRegistry:AccessGranted': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:AccessRevoked': { subject: ['datanet', 'datanetId'], role: 'datanet_owner' },
  'DatanetRegistry:RelayerAuthorized': { subject: ['account', 'account'], actor: 'account', role: 'contributor' },
  'DatanetRegistry:RelayerRevoked': { subject: ['account', 'account'], actor: 'account', role: 'contributor' },
  'DatanetRegistry:ContributionSubmitted': {
    subject: ['contribution', 'contributionId'],
    actor: 'contributor',
    role: 'contributor',
    also: [['relayer', 'relayer']],
  },
  'DatanetRegistry:ScoreCommitted': {
    subject: ['contribution', 'contributionId'],
    actor: 'validator',
    role: 'validator',
  },
  'DatanetRegistry:ContributionScored': {
    subject: ['contribution', 'contributionId'],
    actor: 'validator',
    role: 'validator',
  },
  'DatanetRegistry:ContributionAccepted': { subject: ['contribution', 'contributionId'] },
  'DatanetRegistry:ContributionRejected': { subject: ['contribution', 'contributionId'] },
  'DatanetRegistry:ContributionRevoked': { subject: ['contribution', 'contributionId'] },

  'ModelRegistry:ModelRegistered': { subject: ['model', 'modelId'], actor: 'owner', role: 'builder' },
  'ModelRegistry:ModelVersionPublished': { subject: ['model', 'modelId'], role: 'builder' },
  'ModelRegistry:ModelTrainedOn': { subject: ['model', 'modelId'], role: 'builder' },
  'ModelRegistry:ModelEvaluated': { subject: ['model', 'modelId'] },
  'ModelRegistry:ModelPricingUpdated': { subject: ['model', 'modelId'], role: 'builder' },
  'ModelRegistry:ModelStatusUpdated': { subject: ['model', 'modelId'], role: 'builder' },
  'ModelRegistry:WorkerRegistered': { subject: ['worker', 'worker'], actor: 'operator', role: 'worker' },
  'ModelRegistry:AdapterDeployed': { subject: ['model', 'modelId'], role: 'worker' },
  'ModelRegistry:AdapterUndeployed': { subject: ['model', 'modelId'] },

  'InferenceEscrow:Deposited': { subject: ['account', 'payer'], actor: 'payer', role: 'payer' },
  'InferenceEscrow:WithdrawalRequested': { subject: ['account', 'payer'], actor: 'payer', role: 'payer' },
  'InferenceEscrow:Withdrawn': { subject: ['account', 'payer'], actor: 'payer', role: 'payer' },
  'InferenceEscrow:EarningsWithdrawn': { subject: ['account', 'account'] },
  'InferenceEscrow:InferenceSettled': {
    subject: ['inference', 'requestId'],
    actor: 'worker',
    role: 'worker',
    also: [['payer', 'payer']],
  },
  'InferenceEscrow:FeeDistributed': { subject: ['inference', 'requestId'] },
  'InferenceEscrow:FeeSplitUpdated': contract,

  'AttributionLedger:AlgorithmSet': { subject: ['algorithm', 'algorithmId'] },
  'AttributionLedger:AttributionBatchPosted': {
    subject: ['attribution_batch', 'batchId'],
    actor: 'worker',
    role: 'worker',
  },
  'AttributionLedger:InferenceAttributed': { subject: ['inference', 'requestId'], role: 'worker' },
  'AttributionLedger:AttributionBatchFinalized': { subject: ['attribution_batch', 'batchId'] },
  'AttributionLedger:AttributionBatchRevoked': { subject: ['attribution_batch', 'batchId'] },

  'RewardDistributor:EpochClosed': { subject: ['epoch', 'epochId'] },
  'RewardDistributor:RootProposed': { subject: ['epoch', 'epochId'] },
  'RewardDistributor:RootRevoked': { subject: ['epoch', 'epochId'] },
  'RewardDistributor:RootAccepted': { subject: ['epoch', 'epochId'] },
  'RewardDistributor:Claimed': { subject: ['account', 'account'], actor: 'account', role: 'contributor' },

  'StakeManager:RoleStaked': { subject: ['stake', 'stakeId'], actor: 'account', role: 'staker' },
  'StakeManager:UnstakeRequested': { subject: ['stake', 'stakeId'] },
  'StakeManager:StakeWithdrawn': { subject: ['stake', 'stakeId'], actor: 'account', role: 'staker' },
  'StakeManager:StakerRewardPaid': { subject: ['account', 'account'], actor: 'account', role: 'staker' },
  'StakeManager:Slashed': { subject: ['stake', 'stakeId'] },
  'StakeManager:PenaltyUpdated': { subject: ['account', 'contributor'] },

  'DisputeResolver:DisputeRaised': { subject: ['dispute', 'disputeId'], actor: 'initiator', role: 'disputer' },
  'DisputeResolver:DisputeCountered': { subject: ['dispute', 'disputeId'], actor: 'by', role: 'disputer' },
  'DisputeResolver:DisputeResolved': { subject: ['dispute', 'disputeId'] },
} as const satisfies { [name in LogName]: FacetOf<name> };
