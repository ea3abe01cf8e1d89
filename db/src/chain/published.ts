import { index, integer, jsonb, primaryKey, text } from 'drizzle-orm/pg-core';
import { chain, eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';
import type { ProposalAction } from './governance.ts';

// What OpenLedger's own published contracts say on their chains: OPEN on Ethereum; WOPEN, GOPEN, the Governor, Staking and
// airdrops on its L2, where OPEN itself is the chain's coin. Empty where none of these is configured.

/** An ERC-20 of a published chain. Wei. */
export const publishedToken = chain.table(
  'published_token',
  {
    chainId: int8().notNull(),
    address: hex().notNull(),
    /** EthereumOpen, L2Wopen, L2Gopen. */
    contractName: text().notNull(),
    symbol: text().notNull(),
    totalSupply: uint256().notNull(),
    /** The chain's coin that it wraps: deposits less withdrawals; zero in a token that wraps none. */
    wrapped: uint256().notNull(),
    /** Accounts with a balance above zero. */
    holders: integer().notNull(),
    transfers: int8().notNull(),
    deposits: int8().notNull(),
    withdrawals: int8().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.chainId, t.address] }),
    index('published_token_created_idx').on(t.createdAt, t.chainId, t.address),
  ],
);

/** One account's balance, votes and delegate in one token of a published chain. Wei. */
export const publishedBalance = chain.table(
  'published_balance',
  {
    chainId: int8().notNull(),
    token: hex().notNull(),
    account: hex().notNull(),
    balance: uint256().notNull(),
    /** Voting power, own or delegated to it; zero in tokens without votes. */
    votes: uint256().notNull(),
    /** Whom it lets vote for it. */
    delegate: hex(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.chainId, t.token, t.account] }),
    index('published_balance_account_idx').on(t.account, t.chainId, t.token),
    index('published_balance_balance_idx').on(t.chainId, t.token, t.balance, t.account),
    index('published_balance_votes_idx').on(t.chainId, t.token, t.votes, t.account),
    index('published_balance_delegate_idx').on(t.delegate, t.chainId, t.token, t.account),
    index('published_balance_created_idx').on(t.createdAt, t.chainId, t.token, t.account),
  ],
);

/**
 * A transfer; or coin wrapped, from the zero address, or unwrapped, to it. Where wrapping also mints (GOPEN), the mint
 * stands beside the deposit as a transfer of its own.
 */
export const publishedTransfer = chain.table(
  'published_transfer',
  {
    ...eventProvenance,
    chainId: int8().notNull(),
    token: hex().notNull(),
    kind: text().$type<'transfer' | 'deposit' | 'withdrawal'>().notNull(),
    from: hex().notNull(),
    to: hex().notNull(),
    amount: uint256().notNull(),
  },
  (t) => [
    index('published_transfer_token_idx').on(t.chainId, t.token, t.id),
    index('published_transfer_amount_idx').on(t.chainId, t.token, t.amount, t.id),
    index('published_transfer_from_idx').on(t.from, t.id),
    index('published_transfer_to_idx').on(t.to, t.id),
  ],
);

export const publishedProposal = chain.table(
  'published_proposal',
  {
    chainId: int8().notNull(),
    proposalId: uint256().notNull(),
    /** The 75-digit id of its creation event; orders proposals as the chain does. */
    eventId: text().notNull(),
    proposer: hex().notNull(),
    description: text().notNull(),
    actions: jsonb().$type<ProposalAction[]>().notNull(),
    /** By the governor's clock: block numbers, or Unix seconds. */
    voteStart: uint256().notNull(),
    voteEnd: uint256().notNull(),
    status: text().$type<'created' | 'queued' | 'executed' | 'canceled'>().notNull(),
    /** When the timelock lets it be executed, Unix seconds; null until queued. */
    eta: uint256(),
    forVotes: uint256().notNull(),
    againstVotes: uint256().notNull(),
    abstainVotes: uint256().notNull(),
    voters: integer().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.chainId, t.proposalId] }),
    index('published_proposal_event_idx').on(t.eventId),
    index('published_proposal_proposer_idx').on(t.proposer, t.eventId),
    index('published_proposal_status_idx').on(t.status, t.eventId),
  ],
);

export const publishedVote = chain.table(
  'published_vote',
  {
    ...eventProvenance,
    chainId: int8().notNull(),
    proposalId: uint256().notNull(),
    voter: hex().notNull(),
    support: text().$type<'against' | 'for' | 'abstain' | 'other'>().notNull(),
    weight: uint256().notNull(),
    reason: text().notNull(),
    params: hex(),
  },
  (t) => [
    index('published_vote_proposal_idx').on(t.chainId, t.proposalId, t.id),
    index('published_vote_weight_idx').on(t.chainId, t.proposalId, t.weight, t.id),
    index('published_vote_voter_idx').on(t.voter, t.id),
  ],
);

/** The present value of every number that a published governor's votes set. */
export const publishedParameter = chain.table(
  'published_parameter',
  {
    chainId: int8().notNull(),
    contract: hex().notNull(),
    name: text().notNull(),
    contractName: text().notNull(),
    value: uint256().notNull(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.chainId, t.contract, t.name] }),
    index('published_parameter_name_idx').on(t.name, t.chainId, t.contract),
  ],
);

/** One position in the published Staking. Wei of the chain's coin. */
export const publishedStaking = chain.table(
  'published_staking',
  {
    chainId: int8().notNull(),
    stakingId: uint256().notNull(),
    recipient: hex().notNull(),
    /** What is in it: staked and topped up; zero once unstaked. */
    amount: uint256().notNull(),
    staked: uint256().notNull(),
    toppedUp: uint256().notNull(),
    status: text().$type<'staked' | 'unstake_requested' | 'unstaked'>().notNull(),
    requestedAt: int8(),
    unstakedAt: int8(),
    ...provenance,
  },
  (t) => [
    primaryKey({ columns: [t.chainId, t.stakingId] }),
    index('published_staking_recipient_idx').on(t.recipient, t.chainId, t.stakingId),
    index('published_staking_status_idx').on(t.status, t.chainId, t.stakingId),
    index('published_staking_amount_idx').on(t.amount, t.chainId, t.stakingId),
    index('published_staking_created_idx').on(t.createdAt, t.chainId, t.stakingId),
  ],
);

/** What a position committed to. */
export const publishedStakingCommitment = chain.table(
  'published_staking_commitment',
  { ...eventProvenance, chainId: int8().notNull(), stakingId: uint256().notNull(), commitment: hex().notNull() },
  (t) => [index('published_staking_commitment_idx').on(t.chainId, t.stakingId, t.id)],
);

export const publishedAirdropClaim = chain.table(
  'published_airdrop_claim',
  {
    ...eventProvenance,
    chainId: int8().notNull(),
    /** The contract that paid. */
    airdrop: hex().notNull(),
    batch: hex().notNull(),
    account: hex().notNull(),
    amount: uint256().notNull(),
  },
  (t) => [
    index('published_airdrop_claim_airdrop_idx').on(t.chainId, t.airdrop, t.id),
    index('published_airdrop_claim_batch_idx').on(t.batch, t.id),
    index('published_airdrop_claim_account_idx').on(t.account, t.id),
    index('published_airdrop_claim_amount_idx').on(t.amount, t.id),
  ],
);
