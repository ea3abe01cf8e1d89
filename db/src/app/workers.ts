import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isOneOf, moment, written } from './columns.ts';
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
