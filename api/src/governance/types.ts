import {
  address,
  bigint,
  bool,
  bytes32,
  enumOf,
  eventId,
  hex,
  int,
  name,
  provenance,
  text,
  time,
} from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { actionsField } from './actions.ts';

const proposalStatus = enumOf('ProposalStatus', 'What was done with a proposal.', {
  created: 'Proposed: see its voting times.',
  queued: 'Passed, waiting out the timelock.',
  executed: 'Done.',
  canceled: 'Taken back.',
});
const support = enumOf('VoteSupport', 'Which way a vote went.', {
  against: 'Against the proposal.',
  for: 'For the proposal.',
  abstain: 'Neither, but counted for the quorum.',
});
const callStatus = enumOf('TimelockCallStatus', 'What was done with a scheduled call.', {
  scheduled: 'Waiting out its delay, or for someone to execute it.',
  executed: 'Done.',
  cancelled: 'Taken back.',
});

entity('proposal', {
  name: 'Proposal',
  description: 'Something holders of GOPEN vote on.',
  columns: {
    id: bigint('Its number on chain.', 'proposalId'),
    eventId: eventId('The 75-digit id of its creation; sorts as the chain does.'),
    proposer: address('Who proposed it.', 'proposerAddress'),
    description: text('What it says.'),
    actions: false,
    voteStart: time('When voting begins.'),
    voteEnd: time('When voting ends.'),
    status: proposalStatus('What was done with it.'),
    eta: time('When the timelock lets it be executed; null until queued.'),
    forVotes: bigint('Wei of GOPEN for it.'),
    againstVotes: bigint('Wei of GOPEN against it.'),
    abstainVotes: bigint('Wei of GOPEN abstaining.'),
    voters: int('How many accounts voted.', 'voterCount'),
    ...provenance,
  },
  one: { proposerRow: ['proposer', 'Who proposed it.'] },
  many: { voteRows: ['votes', 'Who voted how.'] },
  fields: actionsField,
});

entity('vote', {
  name: 'Vote',
  description: 'An account’s vote on a proposal.',
  columns: {
    proposalId: bigint('The proposal’s number on chain.'),
    voter: address('Who voted.', 'voterAddress'),
    support: support('Which way.'),
    weight: bigint('Wei of GOPEN behind it.'),
    reason: text('Why, if the voter said so.'),
    params: hex('Extra parameters, if the voter gave any.'),
    ...provenance,
  },
  one: { proposalRow: ['proposal', 'The proposal.'], voterRow: ['voter', 'Who voted.'] },
});

entity('timelockCall', {
  name: 'TimelockCall',
  description: 'One call of an operation that the timelock holds back for its delay.',
  columns: {
    operationId: bytes32('The operation.'),
    callIndex: int('Its place in the operation, from 0.'),
    target: address('The contract called.'),
    value: bigint('Wei of the chain’s coin sent along.'),
    data: hex('The call’s data.'),
    predecessor: bytes32('The operation that must come first; zero for none.'),
    salt: bytes32('What tells equal operations apart; zero for none.'),
    delay: bigint('Seconds it has to wait.'),
    status: callStatus('What was done with it.'),
    ...provenance,
  },
});

entity('parameter', {
  name: 'Parameter',
  description: 'The present value of a number that governance sets.',
  columns: {
    contract: address('The contract it belongs to.'),
    key: text('Its key on chain.'),
    name: name('Its name.'),
    contractName: text('The contract’s name.'),
    value: bigint('Its present value.'),
    ...provenance,
  },
});

entity('roleMember', {
  name: 'RoleMember',
  description: 'That an account holds a role on a contract, or held it.',
  columns: {
    contract: address('The contract.'),
    roleId: bytes32('The role’s id on chain.'),
    account: address('Who holds it.', 'accountAddress'),
    role: text('The role’s name, or its id where it has none.'),
    contractName: text('The contract’s name.'),
    active: bool('Whether it holds it now.'),
    ...provenance,
  },
  one: { accountRow: ['account', 'Who holds it.'] },
});

entity('pauseState', {
  name: 'PauseState',
  description: 'Whether a contract is paused.',
  columns: {
    contract: address('The contract.'),
    contractName: text('The contract’s name.'),
    paused: bool('Whether it is paused now.'),
    ...provenance,
  },
});
