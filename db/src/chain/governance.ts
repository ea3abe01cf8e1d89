import { boolean, index, integer, jsonb, primaryKey, text } from 'drizzle-orm/pg-core';
import { chain, type Hex, hex, int8, provenance, uint256 } from './columns.ts';

/** One call of a proposal; `value` is wei as a decimal string. */
export type ProposalAction = { target: string; value: string; signature: string; calldata: string };

export const proposal = chain.table(
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
  (t) => [
    index('proposal_event_idx').on(t.eventId),
    index('proposal_proposer_idx').on(t.proposer, t.eventId),
    index('proposal_status_idx').on(t.status, t.eventId),
    index('proposal_vote_end_idx').on(t.voteEnd, t.id),
  ],
);

export const vote = chain.table(
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
  (t) => [
    primaryKey({ columns: [t.proposalId, t.voter] }),
    index('vote_voter_idx').on(t.voter, t.createdAt, t.proposalId),
    index('vote_weight_idx').on(t.proposalId, t.weight, t.voter),
    index('vote_created_idx').on(t.createdAt, t.proposalId, t.voter),
  ],
);

/** One call inside a scheduled operation of the timelock. */
export const timelockCall = chain.table(
  'timelock_call',
  {
    /** Its column is named apart: Ponder keeps `operation_id` for itself. */
    operationId: text('operation_hash').$type<Hex>().notNull(),
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
  (t) => [
    primaryKey({ columns: [t.operationId, t.callIndex] }),
    index('timelock_call_created_idx').on(t.createdAt, t.operationId, t.callIndex),
    index('timelock_call_status_idx').on(t.status, t.createdAt, t.operationId, t.callIndex),
  ],
);

/** The present value of every number that governance sets. */
export const parameter = chain.table(
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
  (t) => [primaryKey({ columns: [t.contract, t.key] }), index('parameter_name_idx').on(t.name, t.contract, t.key)],
);

export const roleMember = chain.table(
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
  (t) => [
    primaryKey({ columns: [t.contract, t.roleId, t.account] }),
    index('role_member_account_idx').on(t.account, t.contract, t.roleId),
    index('role_member_created_idx').on(t.createdAt, t.contract, t.roleId, t.account),
  ],
);

/** Whether a contract is paused. */
export const pauseState = chain.table(
  'pause_state',
  { contract: hex().primaryKey(), contractName: text().notNull(), paused: boolean().notNull(), ...provenance },
  (t) => [index('pause_state_created_idx').on(t.createdAt, t.contract)],
);
