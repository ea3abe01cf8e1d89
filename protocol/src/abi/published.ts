// The events of the contracts that OpenLedger has published: OPEN on Ethereum, and what stands on its L2, where OPEN is the
// chain's own coin. Only what is indexed of them; where each stands is configuration.

const transfer = {
  type: 'event',
  name: 'Transfer',
  inputs: [
    { name: 'from', type: 'address', indexed: true },
    { name: 'to', type: 'address', indexed: true },
    { name: 'value', type: 'uint256', indexed: false },
  ],
} as const;
const approval = {
  type: 'event',
  name: 'Approval',
  inputs: [
    { name: 'owner', type: 'address', indexed: true },
    { name: 'spender', type: 'address', indexed: true },
    { name: 'value', type: 'uint256', indexed: false },
  ],
} as const;

/** OPEN on Ethereum: an ERC-20. */
export const ethereumOpenAbi = [transfer, approval] as const;

/** WOPEN, the L2's coin as an ERC-20, as WETH9 is of ether: neither a deposit nor a withdrawal emits a `Transfer`. */
export const l2WopenAbi = [
  transfer,
  approval,
  {
    type: 'event',
    name: 'Deposit',
    inputs: [
      { name: 'dst', type: 'address', indexed: true },
      { name: 'wad', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'Withdrawal',
    inputs: [
      { name: 'src', type: 'address', indexed: true },
      { name: 'wad', type: 'uint256', indexed: false },
    ],
  },
] as const;

/** GOPEN, the L2's coin wrapped one to one into votes (OpenZeppelin ERC20Votes): wrapping also mints, unwrapping burns. */
export const l2GopenAbi = [
  transfer,
  approval,
  {
    type: 'event',
    name: 'Deposit',
    inputs: [
      { name: 'sender', type: 'address', indexed: true },
      { name: 'amt', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'Withdrawal',
    inputs: [
      { name: 'src', type: 'address', indexed: true },
      { name: 'amt', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'DelegateChanged',
    inputs: [
      { name: 'delegator', type: 'address', indexed: true },
      { name: 'fromDelegate', type: 'address', indexed: true },
      { name: 'toDelegate', type: 'address', indexed: true },
    ],
  },
  {
    type: 'event',
    name: 'DelegateVotesChanged',
    inputs: [
      { name: 'delegate', type: 'address', indexed: true },
      { name: 'previousVotes', type: 'uint256', indexed: false },
      { name: 'newVotes', type: 'uint256', indexed: false },
    ],
  },
] as const;

/** OpenZeppelin's Governor with settings, simple counting, storage, a quorum fraction and a timelock. */
export const l2GovernorAbi = [
  {
    type: 'event',
    name: 'ProposalCreated',
    inputs: [
      { name: 'proposalId', type: 'uint256', indexed: false },
      { name: 'proposer', type: 'address', indexed: false },
      { name: 'targets', type: 'address[]', indexed: false },
      { name: 'values', type: 'uint256[]', indexed: false },
      { name: 'signatures', type: 'string[]', indexed: false },
      { name: 'calldatas', type: 'bytes[]', indexed: false },
      { name: 'voteStart', type: 'uint256', indexed: false },
      { name: 'voteEnd', type: 'uint256', indexed: false },
      { name: 'description', type: 'string', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'ProposalQueued',
    inputs: [
      { name: 'proposalId', type: 'uint256', indexed: false },
      { name: 'etaSeconds', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'ProposalExecuted',
    inputs: [{ name: 'proposalId', type: 'uint256', indexed: false }],
  },
  {
    type: 'event',
    name: 'ProposalCanceled',
    inputs: [{ name: 'proposalId', type: 'uint256', indexed: false }],
  },
  {
    type: 'event',
    name: 'VoteCast',
    inputs: [
      { name: 'voter', type: 'address', indexed: true },
      { name: 'proposalId', type: 'uint256', indexed: false },
      { name: 'support', type: 'uint8', indexed: false },
      { name: 'weight', type: 'uint256', indexed: false },
      { name: 'reason', type: 'string', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'VoteCastWithParams',
    inputs: [
      { name: 'voter', type: 'address', indexed: true },
      { name: 'proposalId', type: 'uint256', indexed: false },
      { name: 'support', type: 'uint8', indexed: false },
      { name: 'weight', type: 'uint256', indexed: false },
      { name: 'reason', type: 'string', indexed: false },
      { name: 'params', type: 'bytes', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'VotingDelaySet',
    inputs: [
      { name: 'oldVotingDelay', type: 'uint256', indexed: false },
      { name: 'newVotingDelay', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'VotingPeriodSet',
    inputs: [
      { name: 'oldVotingPeriod', type: 'uint256', indexed: false },
      { name: 'newVotingPeriod', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'ProposalThresholdSet',
    inputs: [
      { name: 'oldProposalThreshold', type: 'uint256', indexed: false },
      { name: 'newProposalThreshold', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'QuorumNumeratorUpdated',
    inputs: [
      { name: 'oldQuorumNumerator', type: 'uint256', indexed: false },
      { name: 'newQuorumNumerator', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'TimelockChange',
    inputs: [
      { name: 'oldTimelock', type: 'address', indexed: false },
      { name: 'newTimelock', type: 'address', indexed: false },
    ],
  },
] as const;

/** OpenLedger's staking of the L2's coin. */
export const l2StakingAbi = [
  {
    type: 'event',
    name: 'Staked',
    inputs: [
      { name: 'stakingId', type: 'uint256', indexed: true },
      { name: 'recipient', type: 'address', indexed: true },
      { name: 'amount', type: 'uint256', indexed: true },
    ],
  },
  {
    type: 'event',
    name: 'ToppedUp',
    inputs: [
      { name: 'stakingId', type: 'uint256', indexed: true },
      { name: 'recipient', type: 'address', indexed: true },
      { name: 'amount', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'RequestUnstake',
    inputs: [
      { name: 'stakingId', type: 'uint256', indexed: true },
      { name: 'recipient', type: 'address', indexed: true },
    ],
  },
  {
    type: 'event',
    name: 'Unstaked',
    inputs: [
      { name: 'stakingId', type: 'uint256', indexed: true },
      { name: 'recipient', type: 'address', indexed: true },
    ],
  },
  { type: 'event', name: 'ConfigCreated', inputs: [{ name: 'configId', type: 'uint256', indexed: true }] },
  { type: 'event', name: 'ConfigSet', inputs: [{ name: 'configId', type: 'uint256', indexed: true }] },
  {
    type: 'event',
    name: 'CommitStake',
    inputs: [
      { name: 'stakingId', type: 'uint256', indexed: true },
      { name: 'commitment', type: 'bytes', indexed: false },
    ],
  },
] as const;

/** An airdrop that an account claims with a signature of OpenLedger's. */
export const l2AirdropAbi = [
  {
    type: 'event',
    name: 'AirdropClaimed',
    inputs: [
      { name: 'batch', type: 'bytes32', indexed: true },
      { name: 'account', type: 'address', indexed: true },
      { name: 'amount', type: 'uint256', indexed: false },
    ],
  },
] as const;

/** The published contracts by the name they go by in events: the chain they stand on, then their own name. */
export const publishedAbis = {
  EthereumOpen: ethereumOpenAbi,
  L2Wopen: l2WopenAbi,
  L2Gopen: l2GopenAbi,
  L2Governor: l2GovernorAbi,
  L2Staking: l2StakingAbi,
  L2Airdrop: l2AirdropAbi,
} as const;

export type PublishedContract = keyof typeof publishedAbis;
