import { proposal, vote } from 'ponder:schema';
import type { Hex } from 'viem';
import { record } from '../activity.ts';
import { oneOf } from '../enums.ts';
import { setParameter } from '../governed.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { created, updated } from '../provenance.ts';

const supports = ['against', 'for', 'abstain'] as const;

on('OpenGovernor:ProposalCreated', async (e) => {
  const { proposalId, proposer, targets, values, signatures, calldatas, voteStart, voteEnd, description } = e.args;
  await e.db.insert(proposal).values({
    id: proposalId,
    eventId: e.id,
    proposer,
    description,
    actions: targets.map((target, i) => ({
      target,
      value: String(values[i]),
      signature: signatures[i] ?? '',
      calldata: calldatas[i] ?? '0x',
    })),
    voteStart,
    voteEnd,
    status: 'created',
    forVotes: 0n,
    againstVotes: 0n,
    abstainVotes: 0n,
    voters: 0,
    ...created(e),
  });
  return record(e);
});

on('OpenGovernor:ProposalQueued', async (e) => {
  const { proposalId, etaSeconds } = e.args;
  await e.db.update(proposal, { id: proposalId }).set({ status: 'queued', eta: etaSeconds, ...updated(e) });
  return record(e);
});

on('OpenGovernor:ProposalExecuted', async (e) => {
  await e.db.update(proposal, { id: e.args.proposalId }).set({ status: 'executed', ...updated(e) });
  return record(e);
});

on('OpenGovernor:ProposalCanceled', async (e) => {
  await e.db.update(proposal, { id: e.args.proposalId }).set({ status: 'canceled', ...updated(e) });
  return record(e);
});

on('OpenGovernor:VoteCast', async (e) => {
  await cast(e, { ...e.args, params: null });
  return record(e, { protocol: { votes: 1 } });
});

on('OpenGovernor:VoteCastWithParams', async (e) => {
  await cast(e, e.args);
  return record(e, { protocol: { votes: 1 } });
});

type Ballot = {
  voter: Hex;
  proposalId: bigint;
  support: number;
  weight: bigint;
  reason: string;
  params: Hex | null;
};

const cast = async (e: Occurrence, { voter, proposalId, weight, reason, params, ...ballot }: Ballot) => {
  const support = oneOf(supports, ballot.support);
  await e.db.insert(vote).values({ proposalId, voter, support, weight, reason, params, ...created(e) });
  const votes = (of: typeof support) => (support === of ? weight : 0n);
  await e.db.update(proposal, { id: proposalId }).set((row) => ({
    forVotes: row.forVotes + votes('for'),
    againstVotes: row.againstVotes + votes('against'),
    abstainVotes: row.abstainVotes + votes('abstain'),
    voters: row.voters + 1,
    ...updated(e),
  }));
};

on('OpenGovernor:VotingDelaySet', async (e) => {
  await setParameter(e, e.event, 'VOTING_DELAY', e.args.newVotingDelay);
  return record(e);
});

on('OpenGovernor:VotingPeriodSet', async (e) => {
  await setParameter(e, e.event, 'VOTING_PERIOD', e.args.newVotingPeriod);
  return record(e);
});

on('OpenGovernor:ProposalThresholdSet', async (e) => {
  await setParameter(e, e.event, 'PROPOSAL_THRESHOLD', e.args.newProposalThreshold);
  return record(e);
});

on('OpenGovernor:QuorumNumeratorUpdated', async (e) => {
  await setParameter(e, e.event, 'QUORUM_NUMERATOR', e.args.newQuorumNumerator);
  return record(e);
});

on('OpenGovernor:TimelockChange', (e) => record(e));
on('OpenGovernor:EIP712DomainChanged', (e) => record(e));
