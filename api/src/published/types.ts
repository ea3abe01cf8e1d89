import { publishedActionsField } from '../governance/actions.ts';
import {
  address,
  bigint,
  bytes32,
  enumOf,
  eventId,
  eventProvenance,
  hex,
  int,
  name,
  provenance,
  text,
  time,
} from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';

const transferKind = enumOf('PublishedTransferKind', 'What moved tokens of a published contract.', {
  transfer: 'A transfer; a mint or a burn where one side is the zero address and the token has such.',
  deposit: 'The chain’s coin was wrapped.',
  withdrawal: 'It was unwrapped.',
});
const proposalStatus = enumOf('PublishedProposalStatus', 'What was done with a proposal to the published governor.', {
  created: 'Proposed: see its voting times.',
  queued: 'Passed, waiting out the timelock.',
  executed: 'Done.',
  canceled: 'Taken back.',
});
const support = enumOf('PublishedVoteSupport', 'Which way a vote on a published governor’s proposal went.', {
  against: 'Against the proposal.',
  for: 'For the proposal.',
  abstain: 'Neither, but counted for the quorum.',
  other: 'In a way that simple counting does not know.',
});
const stakingStatus = enumOf('PublishedStakingStatus', 'Where a position in the published Staking is.', {
  staked: 'It holds coin.',
  unstake_requested: 'It was asked back, and waits.',
  unstaked: 'It was paid back.',
});

const chainId = bigint('The chain it is on.');

entity('publishedToken', {
  name: 'PublishedToken',
  description:
    'A token of OpenLedger’s published contracts: OPEN on Ethereum; WOPEN or GOPEN on its L2, which wrap OPEN, the coin there.',
  columns: {
    chainId,
    address: address('Its contract.'),
    contractName: text('That contract’s name: EthereumOpen, L2Wopen or L2Gopen.'),
    symbol: name('Its symbol.'),
    totalSupply: bigint('Wei that exist.'),
    wrapped: bigint('Wei of the chain’s coin that it wraps; 0 for one that wraps none.'),
    holders: int('How many accounts hold some.', 'holderCount'),
    transfers: bigint('How many transfers there were.', 'transferCount'),
    deposits: bigint('How many times coin was wrapped.', 'depositCount'),
    withdrawals: bigint('How many times it was unwrapped.', 'withdrawalCount'),
    ...provenance,
  },
  many: {
    balanceRows: ['balances', 'Who holds how much.'],
    transferRows: ['transfers', 'Every transfer, deposit and withdrawal.'],
  },
});

entity('publishedBalance', {
  name: 'PublishedBalance',
  description: 'An account’s balance, votes and delegate in a published token. Wei.',
  columns: {
    chainId,
    token: address('The token.', 'tokenAddress'),
    account: address('The account.', 'accountAddress'),
    balance: bigint('What it holds.'),
    votes: bigint('Its voting power, own or delegated to it; 0 in tokens without votes.'),
    delegate: address('Whom it lets vote for it.', 'delegateAddress'),
    ...provenance,
  },
  one: { tokenRow: ['token', 'The token.'] },
});

entity('publishedTransfer', {
  name: 'PublishedTransfer',
  description:
    'A transfer of a published token; or the chain’s coin wrapped, from the zero address, or unwrapped, to it. Where wrapping ' +
    'also mints, as in GOPEN, the mint is a transfer beside the deposit.',
  columns: {
    ...eventProvenance,
    chainId,
    token: address('The token.', 'tokenAddress'),
    kind: transferKind('Transfer, deposit or withdrawal.'),
    from: address('Who sent.', 'fromAddress'),
    to: address('Who received.', 'toAddress'),
    amount: bigint('Wei.'),
  },
  one: { tokenRow: ['token', 'The token.'] },
});

entity('publishedProposal', {
  name: 'PublishedProposal',
  description: 'Something that holders of GOPEN on OpenLedger’s L2 vote on.',
  columns: {
    chainId,
    proposalId: bigint('Its number on chain.'),
    eventId: eventId('The 75-digit id of its creation; sorts as the chain does.'),
    proposer: address('Who proposed it.', 'proposerAddress'),
    description: text('What it says.'),
    actions: false,
    voteStart: bigint('When voting begins by the governor’s clock: a block number, or Unix seconds.'),
    voteEnd: bigint('When voting ends by that clock.'),
    status: proposalStatus('What was done with it.'),
    eta: time('When the timelock lets it be executed; null until queued.'),
    forVotes: bigint('Wei of GOPEN for it.'),
    againstVotes: bigint('Wei of GOPEN against it.'),
    abstainVotes: bigint('Wei of GOPEN abstaining.'),
    voters: int('How many accounts voted.', 'voterCount'),
    ...provenance,
  },
  many: { voteRows: ['votes', 'Who voted how.'] },
  fields: publishedActionsField,
});

entity('publishedVote', {
  name: 'PublishedVote',
  description: 'An account’s vote on a proposal to the published governor.',
  columns: {
    ...eventProvenance,
    chainId,
    proposalId: bigint('The proposal’s number on chain.'),
    voter: address('Who voted.', 'voterAddress'),
    support: support('Which way.'),
    weight: bigint('Wei of GOPEN behind it.'),
    reason: text('Why, if the voter said so.'),
    params: hex('Extra parameters, if the voter gave any.'),
  },
  one: { proposalRow: ['proposal', 'The proposal.'] },
});

entity('publishedParameter', {
  name: 'PublishedParameter',
  description: 'The present value of a number that the published governor’s votes set.',
  columns: {
    chainId,
    contract: address('The contract it belongs to.'),
    name: name('Its name.'),
    contractName: text('The contract’s name.'),
    value: bigint('Its present value.'),
    ...provenance,
  },
});

entity('publishedStaking', {
  name: 'PublishedStaking',
  description: 'A position in OpenLedger’s published Staking. Wei of the L2’s coin, OPEN.',
  columns: {
    chainId,
    stakingId: bigint('Its number on chain.'),
    recipient: address('Whose it is.', 'recipientAddress'),
    amount: bigint('What is in it; 0 once unstaked.'),
    staked: bigint('What it began with.'),
    toppedUp: bigint('What was added later.'),
    status: stakingStatus('Where it is.'),
    requestedAt: time('When it was asked back; null until then.'),
    unstakedAt: time('When it was paid back; null until then.'),
    ...provenance,
  },
  many: { commitmentRows: ['commitments', 'What it committed to.'] },
});

entity('publishedStakingCommitment', {
  name: 'PublishedStakingCommitment',
  description: 'What a position in the published Staking committed to.',
  columns: {
    ...eventProvenance,
    chainId,
    stakingId: bigint('The position’s number on chain.'),
    commitment: hex('The bytes it committed.'),
  },
  one: { stakingRow: ['staking', 'The position.'] },
});

entity('publishedAirdropClaim', {
  name: 'PublishedAirdropClaim',
  description: 'A payment out of one of OpenLedger’s signed airdrops. Wei of the L2’s coin, OPEN.',
  columns: {
    ...eventProvenance,
    chainId,
    airdrop: address('The contract that paid.', 'airdropAddress'),
    batch: bytes32('The batch it was promised in.'),
    account: address('Who was paid.', 'accountAddress'),
    amount: bigint('Wei paid.'),
  },
});
