import * as mapping from '@openledger/db/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { accounts } from './accounts.ts';
import { activity } from './activity.ts';
import { attribution } from './attribution.ts';
import { contributions } from './contributions.ts';
import { datanets } from './datanets.ts';
import { disputes } from './disputes.ts';
import type { ChainEvent } from './event.ts';
import { governance } from './governance.ts';
import { inference } from './inference.ts';
import { models } from './models.ts';
import { published } from './published/index.ts';
import { rewards } from './rewards.ts';
import { rollups } from './rollups.ts';
import { staking } from './staking.ts';
import { type Fold, type State, Table, type TableName, type Tables } from './state.ts';
import { tokens } from './tokens.ts';

/** The mapping of every table of `chain`, by its name in the mapping. */
export const chainTables: ReadonlyMap<TableName, PgTable> = new Map(
  Object.entries(mapping).flatMap(([name, table]) => (is(table, PgTable) ? [[name as TableName, table] as const] : [])),
);

const families: readonly Fold[] = [
  datanets,
  contributions,
  // The answer before what it adds to its model and its worker.
  inference,
  models,
  attribution,
  rewards,
  staking,
  disputes,
  governance,
  tokens,
  activity,
  // The rollups ask which accounts are new, so the accounts come last.
  rollups,
  accounts,
];

/** A deployment before its first event. */
export function emptyState({ treasury, vesting }: Manifest): State {
  const tables = Object.fromEntries([...chainTables.keys()].map((name) => [name, new Table()]));
  return {
    tables: tables as unknown as Tables,
    treasury,
    vesting: new Map(
      vesting.map(({ address, name, beneficiary, start, cliff, end, allocation }) => [
        address,
        { name, beneficiary, start, cliff, end, allocation },
      ]),
    ),
    requestsOf: new Map(),
    partsOf: new Map(),
    callsOf: new Map(),
    pendingRoot: new Map(),
    bondOf: new Map(),
    released: new Set(),
    counted: new Set(),
  };
}

/**
 * Takes one event of the protocol in. Events come in the chain's order.
 * @throws Error naming the event, when the contracts could not have emitted it after those before.
 */
export function apply(state: State, event: ChainEvent): void {
  follow(families, state, event);
}

/** Takes one event of a published contract in. Events of one chain come in its order; of several, in any. */
export function applyPublished(state: State, event: ChainEvent): void {
  follow([published], state, event);
}

function follow(folds: readonly Fold[], state: State, event: ChainEvent): void {
  try {
    for (const fold of folds) fold(state, event);
  } catch (cause) {
    throw new Error(`The oracle cannot follow ${event}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
