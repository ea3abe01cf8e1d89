import { id } from 'ethers';
import type { ChainEvent } from './event.ts';
import { change, created, type Fold, gather, nameIn, type Row, type State } from './state.ts';

const supports = ['against', 'for', 'abstain'];

const nothing = `0x${'0'.repeat(64)}`;

const namesOf = (...names: readonly string[]) => new Map(names.map((name) => [id(name), name]));

const roles = namesOf(
  'GUARDIAN_ROLE',
  'BONDER_ROLE',
  'SLASHER_ROLE',
  'REWARDER_ROLE',
  'RESOLVER_ROLE',
  'ARBITER_ROLE',
  'FUNDER_ROLE',
  'LEDGER_ROLE',
  'EVALUATOR_ROLE',
  'PROPOSER_ROLE',
  'EXECUTOR_ROLE',
  'CANCELLER_ROLE',
).set(nothing, 'DEFAULT_ADMIN_ROLE');

/** Every number that a constructor of the protocol declares. */
const parameters = namesOf(
  'BOND_HOLD',
  'UNSTAKE_COOLDOWN',
  'MIN_STAKE',
  'CHALLENGE_WINDOW',
  'WITHDRAWAL_DELAY',
  'EPOCH_LENGTH',
  'ROOT_DELAY',
  'MIN_DISPUTE_BOND',
  'RESOLUTION_WINDOW',
  'WINNER_SHARE_BPS',
);

/** OpenZeppelin's numbers: which event sets which, and the argument with the new value. */
const settings: Readonly<Record<string, readonly [name: string, argument: string]>> = {
  VotingDelaySet: ['VOTING_DELAY', 'newVotingDelay'],
  VotingPeriodSet: ['VOTING_PERIOD', 'newVotingPeriod'],
  ProposalThresholdSet: ['PROPOSAL_THRESHOLD', 'newProposalThreshold'],
  QuorumNumeratorUpdated: ['QUORUM_NUMERATOR', 'newQuorumNumerator'],
  MinDelayChange: ['MIN_DELAY', 'newDuration'],
};

/** OpenGovernor, TimelockController, and what governance sets in every contract. */
export const governance: Fold = (state, event) => {
  const { tables } = state;
  const rewrite = (columns: Partial<Row<'proposal'>>) =>
    change(tables.proposal.get(event.big('proposalId')), event, columns);
  switch (event.name) {
    case 'ProposalCreated':
      return propose(state, event);
    case 'ProposalQueued':
      return rewrite({ status: 'queued', eta: event.big('etaSeconds') });
    case 'ProposalExecuted':
      return rewrite({ status: 'executed' });
    case 'ProposalCanceled':
      return rewrite({ status: 'canceled' });
    case 'VoteCast':
    case 'VoteCastWithParams':
      return vote(state, event);
    case 'CallScheduled':
      return schedule(state, event);
    case 'CallSalt':
      return calls(state, event, { salt: event.text('salt') });
    case 'CallExecuted':
      return change(tables.timelockCall.get(event.text('id'), event.big('index')), event, { status: 'executed' });
    case 'Cancelled':
      return calls(state, event, { status: 'cancelled' });
    case 'ParameterUpdated': {
      const key = event.text('parameter');
      return setParameter(state, event, key, parameters.get(key) ?? key, event.big('newValue'));
    }
    case 'RoleGranted':
      return setRole(state, event, true);
    case 'RoleRevoked':
      return setRole(state, event, false);
    case 'Paused':
      return setPaused(state, event, true);
    case 'Unpaused':
      return setPaused(state, event, false);
    default: {
      const setting = settings[event.name];
      if (setting !== undefined) setParameter(state, event, event.name, setting[0], event.big(setting[1]));
    }
  }
};

function propose({ tables }: State, event: ChainEvent): void {
  const values = event.list<bigint>('values');
  const signatures = event.list<string>('signatures');
  const calldatas = event.list<string>('calldatas');
  tables.proposal.put(
    {
      id: event.big('proposalId'),
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
    event.big('proposalId'),
  );
}

function vote({ tables }: State, event: ChainEvent): void {
  const proposal = tables.proposal.get(event.big('proposalId'));
  const support = nameIn(supports, event.big('support'));
  const weight = event.big('weight');
  const voter = event.text('voter');
  tables.vote.put(
    {
      proposalId: proposal.id,
      voter,
      support,
      weight,
      reason: event.text('reason'),
      params: event.has('params') ? event.text('params') : null,
      ...created(event),
    },
    proposal.id,
    voter,
  );
  const votes = `${support}Votes` as 'forVotes' | 'againstVotes' | 'abstainVotes';
  change(proposal, event, { [votes]: proposal[votes] + weight, voters: proposal.voters + 1 });
}

/** An operation that was cancelled can be scheduled anew under its id, and so with the same calls. */
function schedule(state: State, event: ChainEvent): void {
  const operationId = event.text('id');
  const callIndex = event.int('index');
  const call = {
    target: event.text('target'),
    value: event.big('value'),
    data: event.text('data'),
    predecessor: event.text('predecessor'),
    salt: nothing,
    delay: event.big('delay'),
    status: 'scheduled',
  };
  const known = state.tables.timelockCall.find(operationId, callIndex);
  if (known !== undefined) {
    change(known, event, call);
    return;
  }
  const row = { operationId, callIndex, ...call, ...created(event) };
  gather(state.callsOf, operationId, state.tables.timelockCall.put(row, operationId, callIndex));
}

function calls(state: State, event: ChainEvent, columns: Partial<Row<'timelockCall'>>): void {
  for (const call of state.callsOf.get(event.text('id')) ?? []) change(call, event, columns);
}

function setParameter({ tables }: State, event: ChainEvent, key: string, name: string, value: bigint): void {
  const contract = event.place.address;
  const row = tables.parameter.open(
    () => ({ contract, key, name, contractName: event.contract, value, ...created(event) }),
    contract,
    key,
  );
  change(row, event, { value });
}

function setRole({ tables }: State, event: ChainEvent, active: boolean): void {
  const contract = event.place.address;
  const roleId = event.text('role');
  const account = event.text('account');
  const role = roles.get(roleId) ?? roleId;
  const row = tables.roleMember.open(
    () => ({ contract, roleId, account, role, contractName: event.contract, active, ...created(event) }),
    contract,
    roleId,
    account,
  );
  change(row, event, { active });
}

/** A contract that was never paused has no row. */
function setPaused({ tables }: State, event: ChainEvent, paused: boolean): void {
  const contract = event.place.address;
  const row = tables.pauseState.open(
    () => ({ contract, contractName: event.contract, paused, ...created(event) }),
    contract,
  );
  change(row, event, { paused });
}
