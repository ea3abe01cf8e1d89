import { change, created, type Fold, type Row, stamped } from '../state.ts';

const parameters: Readonly<Record<string, readonly [name: string, argument: string]>> = {
  VotingDelaySet: ['VOTING_DELAY', 'newVotingDelay'],
  VotingPeriodSet: ['VOTING_PERIOD', 'newVotingPeriod'],
  ProposalThresholdSet: ['PROPOSAL_THRESHOLD', 'newProposalThreshold'],
  QuorumNumeratorUpdated: ['QUORUM_NUMERATOR', 'newQuorumNumerator'],
};

/** Proposals, votes and what they tune. */
export const governor: Fold = ({ tables }, event) => {
  const { chainId, address: contract } = event.place;
  const rewrite = (columns: Partial<Row<'publishedProposal'>>) =>
    change(tables.publishedProposal.get(chainId, event.big('proposalId')), event, columns);
  switch (event.name) {
    case 'ProposalCreated': {
      const proposalId = event.big('proposalId');
      const [values, signatures] = [event.list<bigint>('values'), event.list<string>('signatures')];
      const calldatas = event.list<string>('calldatas');
      tables.publishedProposal.put(
        {
          chainId,
          proposalId,
          eventId: event.id,
          proposer: event.text('proposer'),
          description: event.text('description'),
          actions: event.list<string>('targets').map((target, i) => ({
            target,
            value: String(values[i]),
            signature: signatures[i]!,
            calldata: calldatas[i]!,
          })),
          voteStart: event.big('voteStart'),
          voteEnd: event.big('voteEnd'),
          status: 'created',
          eta: null,
          forVotes: 0n,
          againstVotes: 0n,
          abstainVotes: 0n,
          voters: 0,
          ...created(event),
        },
        chainId,
        proposalId,
      );
      return;
    }
    case 'ProposalQueued':
      return rewrite({ status: 'queued', eta: event.big('etaSeconds') });
    case 'ProposalExecuted':
      return rewrite({ status: 'executed' });
    case 'ProposalCanceled':
      return rewrite({ status: 'canceled' });
    case 'VoteCast':
    case 'VoteCastWithParams': {
      const proposalId = event.big('proposalId');
      const support = ['against', 'for', 'abstain'][event.int('support')] ?? 'other';
      const weight = event.big('weight');
      const params = event.has('params') ? event.text('params') : null;
      const [voter, reason] = [event.text('voter'), event.text('reason')];
      tables.publishedVote.put(
        { ...stamped(event), chainId, proposalId, voter, support, weight, reason, params },
        event.id,
      );
      const proposal = tables.publishedProposal.get(chainId, proposalId);
      return rewrite({
        voters: proposal.voters + 1,
        forVotes: proposal.forVotes + (support === 'for' ? weight : 0n),
        againstVotes: proposal.againstVotes + (support === 'against' ? weight : 0n),
        abstainVotes: proposal.abstainVotes + (support === 'abstain' ? weight : 0n),
      });
    }
  }
  const parameter = parameters[event.name];
  if (parameter === undefined) return;
  const [name, argument] = parameter;
  const row = tables.publishedParameter.open(
    () => ({ chainId, contract, name, contractName: event.contract, value: 0n, ...created(event) }),
    chainId,
    contract,
    name,
  );
  change(row, event, { value: event.big(argument) });
};
