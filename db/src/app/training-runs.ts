import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isOneOf, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';

export const trainingStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

/** The making of an adapter: who asked for it, with which settings, how far it is, and what came of it. */
export const trainingRun = app.table(
  'training_run',
  {
    id: uuid().primaryKey().defaultRandom(),
    genesisHash: onChain(),
    owner: hex().notNull(),
    /** The model it is meant for, once registered. */
    modelId: uint256(),
    baseModelId: hex().notNull(),
    /** Hyperparameters, by the trainer's names. */
    settings: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    seed: bigint({ mode: 'bigint' }).notNull(),
    state: text().$type<(typeof trainingStates)[number]>().notNull().default('queued'),
    /** Parts per million done. */
    progressPpm: integer().notNull().default(0),
    /** keccak256 of the adapter, once there is one. */
    adapterHash: hex(),
    /** Losses and evaluations, by name. */
    metrics: jsonb().$type<Readonly<Record<string, number>>>(),
    error: text(),
    createdAt: written(),
    startedAt: moment(),
    endedAt: moment(),
  },
  (t) => [
    isAddress('training_run_owner_is_address', t.owner),
    isHash('training_run_base_is_hash', t.baseModelId),
    isHash('training_run_adapter_is_hash', t.adapterHash),
    isOneOf('training_run_state_is_known', t.state, trainingStates),
    check('training_run_progress_is_ppm', sql`${t.progressPpm} between 0 and 1000000`),
    check('training_run_start_is_known', sql`${t.state} not in ('running', 'succeeded') or ${t.startedAt} is not null`),
    check('training_run_runs_or_ended', sql`(${t.state} in ('queued', 'running')) = (${t.endedAt} is null)`),
    check('training_run_success_is_whole', sql`(${t.state} = 'succeeded') = (${t.adapterHash} is not null)`),
    check('training_run_failure_is_explained', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    index('training_run_owner_idx').on(t.genesisHash, t.owner, t.createdAt),
    index('training_run_model_idx').on(t.genesisHash, t.modelId, t.createdAt),
    index('training_run_open_idx').on(t.createdAt).where(sql`${t.endedAt} is null`),
  ],
);

/** A datanet version that a training run read. */
export const trainingRunDatanet = app.table(
  'training_run_datanet',
  {
    runId: uuid()
      .notNull()
      .references(() => trainingRun.id, { onDelete: 'cascade' }),
    datanetId: uint256().notNull(),
    version: integer().notNull(),
    dataRoot: hex().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.datanetId] }),
    isHash('training_run_datanet_root_is_hash', t.dataRoot),
    index('training_run_datanet_idx').on(t.datanetId, t.version),
  ],
);
