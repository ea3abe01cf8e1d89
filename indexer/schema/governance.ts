import { boolean, index, integer, jsonb, onchainTable, hex as ponderHex, primaryKey, text } from 'ponder';
import { hex, int8, provenance, uint256 } from './columns.ts';

/** One call of a proposal; `value` is wei as a decimal string. */
export type ProposalAction = { target: string; value: string; signature: string; calldata: string };

export const proposal = onchainTable(
  'proposal',
  {
    id: uint256().primaryKey(),
    /** The 75-digit id of its creation event; orders proposals as the chain does. */
    eventId: text().notNull(),
    proposer: hex().notNull(),
    description: text().notNull(),
    actions: jsonb().$type<ProposalAction[]>().notNull(),
    /** Unix seconds: the governor's clock is the timestamp. */
    voteStart: int8().notNull(),
    voteEnd: int8().notNull(),
    status: text().$type<'created' | 'queued' | 'executed' | 'canceled'>().notNull(),
    /** When the timelock lets it be executed; null until queued. */
    eta: int8(),
    forVotes: uint256().notNull(),
    againstVotes: uint256().notNull(),
    abstainVotes: uint256().notNull(),
    voters: integer().notNull(),
    ...provenance,
  },
  (t) => ({
    eventIndex: index('proposal_event_idx').on(t.eventId),
    proposerIndex: index('proposal_proposer_idx').on(t.proposer, t.eventId),
    statusIndex: index('proposal_status_idx').on(t.status, t.eventId),
    voteEndIndex: index('proposal_vote_end_idx').on(t.voteEnd, t.id),
  }),
);

export const vote = onchainTable(
  'vote',
  {
    proposalId: uint256().notNull(),
    voter: hex().notNull(),
    support: text().$type<'against' | 'for' | 'abstain'>().notNull(),
    weight: uint256().notNull(),
    reason: text().notNull(),
    params: hex(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.proposalId, t.voter] }),
    voterIndex: index('vote_voter_idx').on(t.voter, t.createdAt, t.proposalId),
    weightIndex: index('vote_weight_idx').on(t.proposalId, t.weight, t.voter),
    createdIndex: index('vote_created_idx').on(t.createdAt, t.proposalId, t.voter),
  }),
);

/** One call inside a scheduled operation of the timelock. */
export const timelockCall = onchainTable(
  'timelock_call',
  {
    /** Its column is named apart: Ponder keeps `operation_id` for itself. */
    operationId: ponderHex('operation_hash').notNull(),
    callIndex: integer().notNull(),
    target: hex().notNull(),
    value: uint256().notNull(),
    data: hex().notNull(),
    predecessor: hex().notNull(),
    /** Zero bytes unless the operation carries a salt. */
    salt: hex().notNull(),
    /** Seconds. */
    delay: int8().notNull(),
    status: text().$type<'scheduled' | 'executed' | 'cancelled'>().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.operationId, t.callIndex] }),
    createdIndex: index('timelock_call_created_idx').on(t.createdAt, t.operationId, t.callIndex),
    statusIndex: index('timelock_call_status_idx').on(t.status, t.createdAt, t.operationId, t.callIndex),
  }),
);

/** The present value of every number that governance sets. */
export const parameter = onchainTable(
  'parameter',
  {
    contract: hex().notNull(),
    /** keccak256 of the name for our own parameters, the event's name for OpenZeppelin's. */
    key: text().notNull(),
    name: text().notNull(),
    contractName: text().notNull(),
    value: uint256().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.contract, t.key] }),
    nameIndex: index('parameter_name_idx').on(t.name, t.contract, t.key),
  }),
);

export const roleMember = onchainTable(
  'role_member',
  {
    contract: hex().notNull(),
    roleId: hex().notNull(),
    account: hex().notNull(),
    /** The role's name where it is one of ours, else its id. */
    role: text().notNull(),
    contractName: text().notNull(),
    active: boolean().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.contract, t.roleId, t.account] }),
    accountIndex: index('role_member_account_idx').on(t.account, t.contract, t.roleId),
    createdIndex: index('role_member_created_idx').on(t.createdAt, t.contract, t.roleId, t.account),
  }),
);

/** Whether a contract is paused. */
export const pauseState = onchainTable(
  'pause_state',
  { contract: hex().primaryKey(), contractName: text().notNull(), paused: boolean().notNull(), ...provenance },
  (t) => ({
    createdIndex: index('pause_state_created_idx').on(t.createdAt, t.contract),
  }),
);
