import { publishedParameter, publishedProposal, publishedVote } from 'ponder:schema';
import type { Hex } from 'viem';
import type { Place } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';
import { onPublished, recordPublished } from './on.ts';

type Proposal = typeof publishedProposal.$inferSelect;

onPublished('L2Governor:ProposalCreated', async (e) => {
  const { proposalId, proposer, targets, values, signatures, calldatas, voteStart, voteEnd, description } = e.args;
  const stated = {
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
  } as const;
  await e.db
    .insert(publishedProposal)
    .values({
      chainId: e.chainId,
      proposalId,
      ...stated,
      forVotes: 0n,
      againstVotes: 0n,
      abstainVotes: 0n,
      voters: 0,
      ...created(e),
    })
    .onConflictDoUpdate({ ...stated, ...updated(e) });
  return recordPublished(e);
});

onPublished('L2Governor:ProposalQueued', async (e) => {
  await change(e, e.args.proposalId, { status: 'queued', eta: e.args.etaSeconds });
  return recordPublished(e);
});

onPublished('L2Governor:ProposalExecuted', async (e) => {
  await change(e, e.args.proposalId, { status: 'executed' });
  return recordPublished(e);
});

onPublished('L2Governor:ProposalCanceled', async (e) => {
  await change(e, e.args.proposalId, { status: 'canceled' });
  return recordPublished(e);
});

/** Changes a proposal. One made before the first block that is read is not known, and stays so. */
const change = async (
  e: Place,
  proposalId: bigint,
  columns: Partial<Proposal> | ((row: Proposal) => Partial<Proposal>),
) => {
  const key = { chainId: e.chainId, proposalId };
  const row = await e.db.find(publishedProposal, key);
  if (row === null) return;
  const changed = typeof columns === 'function' ? columns(row) : columns;
  await e.db.update(publishedProposal, key).set({ ...changed, ...updated(e) });
};

onPublished('L2Governor:VoteCast', async (e) => {
  await cast(e, { ...e.args, params: null });
  return recordPublished(e);
});

onPublished('L2Governor:VoteCastWithParams', async (e) => {
  await cast(e, e.args);
  return recordPublished(e);
});

const supports = ['against', 'for', 'abstain'] as const;

type Ballot = {
  voter: Hex;
  proposalId: bigint;
  support: number;
  weight: bigint;
  reason: string;
  params: Hex | null;
};

const cast = async (e: Place, { voter, proposalId, weight, reason, params, ...ballot }: Ballot) => {
  const support = supports[ballot.support] ?? 'other';
  await e.db
    .insert(publishedVote)
    .values({ ...stamped(e), chainId: e.chainId, proposalId, voter, support, weight, reason, params });
  const votes = (of: typeof support) => (support === of ? weight : 0n);
  await change(e, proposalId, (row) => ({
    forVotes: row.forVotes + votes('for'),
    againstVotes: row.againstVotes + votes('against'),
    abstainVotes: row.abstainVotes + votes('abstain'),
    voters: row.voters + 1,
  }));
};

onPublished('L2Governor:VotingDelaySet', async (e) => {
  await setParameter(e, 'VOTING_DELAY', e.args.newVotingDelay);
  return recordPublished(e);
});

onPublished('L2Governor:VotingPeriodSet', async (e) => {
  await setParameter(e, 'VOTING_PERIOD', e.args.newVotingPeriod);
  return recordPublished(e);
});

onPublished('L2Governor:ProposalThresholdSet', async (e) => {
  await setParameter(e, 'PROPOSAL_THRESHOLD', e.args.newProposalThreshold);
  return recordPublished(e);
});

onPublished('L2Governor:QuorumNumeratorUpdated', async (e) => {
  await setParameter(e, 'QUORUM_NUMERATOR', e.args.newQuorumNumerator);
  return recordPublished(e);
});

const setParameter = async (e: Place, name: string, value: bigint) => {
  const { chainId, contract, contractName } = e;
  await e.db
    .insert(publishedParameter)
    .values({ chainId, contract, name, contractName, value, ...created(e) })
    .onConflictDoUpdate({ value, ...updated(e) });
};

onPublished('L2Governor:TimelockChange', (e) => recordPublished(e));
