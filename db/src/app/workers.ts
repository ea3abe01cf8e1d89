import { sql } from 'drizzle-orm';
import { bigint, boolean, check, foreignKey, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isNatural, isOneOf, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';

export const workerStates = ['starting', 'ready', 'draining'] as const;

/** A model worker that registered itself; one not heard of for a while is gone. */
export const worker = app.table(
  'worker',
  {
    genesisHash: onChain(),
    address: hex().notNull(),
    operator: hex().notNull(),
    endpoint: text().notNull(),
    /** The engine behind it: `onnx-cpu`, `onnx-webgpu`, `vllm`. */
    backend: text().notNull(),
    baseModelHash: hex().notNull(),
    softwareVersion: text().notNull(),
    state: text().$type<(typeof workerStates)[number]>().notNull().default('starting'),
    /** Adapters that fit at once, and requests at once. */
    adapterSlots: integer().notNull(),
    requestSlots: integer().notNull(),
    startedAt: moment().notNull(),
    lastSeenAt: written(),
  },
  (t) => [
    primaryKey({ columns: [t.genesisHash, t.address] }),
    isAddress('worker_address_is_address', t.address),
    isAddress('worker_operator_is_address', t.operator),
    isHash('worker_base_is_hash', t.baseModelHash),
    isOneOf('worker_state_is_known', t.state, workerStates),
    check('worker_endpoint_is_url', sql`${t.endpoint} ~ '^https?://'`),
    check('worker_slots_are_positive', sql`${t.adapterSlots} > 0 and ${t.requestSlots} > 0`),
    index('worker_seen_idx').on(t.genesisHash, t.state, t.lastSeenAt),
  ],
);

export const workerAdapterStates = ['known', 'fetching', 'stored', 'loading', 'loaded', 'failed'] as const;

/** An adapter that a worker is to serve, and how close to its model it is: `stored` on its disk, `loaded` in its memory. */
export const workerAdapter = app.table(
  'worker_adapter',
  {
    genesisHash: onChain(),
    worker: hex().notNull(),
    modelId: uint256().notNull(),
    modelVersion: integer().notNull(),
    adapterHash: hex().notNull(),
    state: text().$type<(typeof workerAdapterStates)[number]>().notNull(),
    /** Never evicted from memory. */
    pinned: boolean().notNull().default(false),
    /** Of its files; 0 until they are there. */
    bytes: bigint({ mode: 'bigint' }).notNull().default(0n),
    /** Requests that use it now. */
    running: integer().notNull().default(0),
    /** Milliseconds that fetching its files, and loading them, took last. */
    fetchMs: integer(),
    loadMs: integer(),
    lastUsedAt: moment(),
    /** Why it cannot be served. */
    error: text(),
    updatedAt: written(),
  },
  (t) => [
    primaryKey({ columns: [t.genesisHash, t.worker, t.modelId, t.modelVersion] }),
    foreignKey({ columns: [t.genesisHash, t.worker], foreignColumns: [worker.genesisHash, worker.address] }).onDelete(
      'cascade',
    ),
    isHash('worker_adapter_hash_is_hash', t.adapterHash),
    isOneOf('worker_adapter_state_is_known', t.state, workerAdapterStates),
    isNatural('worker_adapter_bytes_is_natural', t.bytes),
    isNatural('worker_adapter_running_is_natural', t.running),
    check('worker_adapter_failure_is_explained', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    index('worker_adapter_model_idx').on(t.genesisHash, t.modelId, t.modelVersion, t.state),
  ],
);
