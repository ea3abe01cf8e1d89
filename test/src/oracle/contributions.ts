import { contributorIn } from './datanets.ts';
import type { ChainEvent } from './event.ts';
import { change, created, type Fold, type State } from './state.ts';

/** DatanetRegistry: contributions, their blind review and what became of them. Counts are of the present, not of the past. */
export const contributions: Fold = (state, event) => {
  switch (event.name) {
    case 'ContributionSubmitted':
      return submit(state, event);
    case 'ScoreCommitted':
      return commit(state, event);
    case 'ContributionScored':
      return reveal(state, event);
    case 'ContributionAccepted':
      return accept(state, event);
    case 'ContributionRejected':
      return reject(state, event);
    case 'ContributionRevoked':
      return revoke(state, event);
  }
};

function submit(state: State, event: ChainEvent): void {
  const datanetId = event.big('datanetId');
  const contributor = event.text('contributor');
  state.tables.contribution.put(
    {
      id: event.big('contributionId'),
      datanetId,
      contributor,
      relayer: event.text('relayer'),
      contentHash: event.text('contentHash'),
      uri: event.text('uri'),
      licenseId: event.text('licenseId'),
      rows: event.big('rows'),
      bond: event.big('bond'),
      status: 'pending',
      score: 0n,
      reason: null,
      decidedAt: null,
      commits: 0,
      scores: 0,
      attributions: 0,
      attributed: 0n,
      ...created(event),
    },
    event.big('contributionId'),
  );
  const standing = contributorIn(state, event, datanetId, contributor);
  const datanet = state.tables.datanet.get(datanetId);
  change(datanet, event, {
    contributions: datanet.contributions + 1,
    pending: datanet.pending + 1,
    contributors: datanet.contributors + (standing.submitted === 0 ? 1 : 0),
  });
  change(standing, event, { submitted: standing.submitted + 1, lastSubmittedAt: event.timestamp });
}

function commit({ tables }: State, event: ChainEvent): void {
  const contribution = tables.contribution.get(event.big('contributionId'));
  const validator = event.text('validator');
  tables.contributionScore.put(
    {
      contributionId: contribution.id,
      validator,
      datanetId: contribution.datanetId,
      commitment: event.text('commitment'),
      score: null,
      evidenceHash: null,
      revealedAt: null,
      ...created(event),
    },
    contribution.id,
    validator,
  );
  change(contribution, event, { commits: contribution.commits + 1 });
  const seat = tables.datanetValidator.get(contribution.datanetId, validator);
  change(seat, event, { commits: seat.commits + 1 });
}

function reveal({ tables }: State, event: ChainEvent): void {
  const contribution = tables.contribution.get(event.big('contributionId'));
  const validator = event.text('validator');
  change(tables.contributionScore.get(contribution.id, validator), event, {
    score: event.big('score'),
    evidenceHash: event.text('evidenceHash'),
    revealedAt: event.timestamp,
  });
  change(contribution, event, { scores: contribution.scores + 1 });
  const seat = tables.datanetValidator.get(contribution.datanetId, validator);
  change(seat, event, { scores: seat.scores + 1 });
}

function accept(state: State, event: ChainEvent): void {
  const { contribution, datanet, standing } = concerned(state, event);
  change(contribution, event, { status: 'accepted', score: event.big('score'), decidedAt: event.timestamp });
  change(datanet, event, {
    pending: datanet.pending - 1,
    accepted: datanet.accepted + 1,
    rows: datanet.rows + contribution.rows,
  });
  change(standing, event, { accepted: standing.accepted + 1, rows: standing.rows + contribution.rows });
}

function reject(state: State, event: ChainEvent): void {
  const { contribution, datanet, standing } = concerned(state, event);
  change(contribution, event, { status: 'rejected', reason: event.text('reason'), decidedAt: event.timestamp });
  change(datanet, event, { pending: datanet.pending - 1, rejected: datanet.rejected + 1 });
  change(standing, event, { rejected: standing.rejected + 1 });
}

/** The contract revokes what is pending (its contributor took it back) or accepted (the same, or an upheld dispute). */
function revoke(state: State, event: ChainEvent): void {
  const { contribution, datanet, standing } = concerned(state, event);
  const accepted = contribution.status === 'accepted' ? 1 : 0;
  const rows = accepted === 1 ? contribution.rows : 0n;
  change(datanet, event, {
    pending: datanet.pending - (1 - accepted),
    accepted: datanet.accepted - accepted,
    revoked: datanet.revoked + 1,
    rows: datanet.rows - rows,
  });
  change(standing, event, {
    accepted: standing.accepted - accepted,
    revoked: standing.revoked + 1,
    rows: standing.rows - rows,
  });
  change(contribution, event, { status: 'revoked', reason: event.text('reason'), decidedAt: event.timestamp });
}

function concerned(state: State, event: ChainEvent) {
  const contribution = state.tables.contribution.get(event.big('contributionId'));
  return {
    contribution,
    datanet: state.tables.datanet.get(contribution.datanetId),
    standing: contributorIn(state, event, contribution.datanetId, contribution.contributor),
  };
}
