import { index, integer, jsonb, text } from 'drizzle-orm/pg-core';
import { chain, hex, int8, uint256 } from './columns.ts';

/** Every event there ever was, in order, one row each, never changed. */
export const activity = chain.table(
  'activity',
  {
    /** 75 digits: timestamp, chain, block, transaction and log position; sorts as the chain does. */
    id: text().primaryKey(),
    chainId: int8().notNull(),
    block: int8().notNull(),
    timestamp: int8().notNull(),
    txHash: hex().notNull(),
    logIndex: integer().notNull(),
    contract: hex().notNull(),
    contractName: text().notNull(),
    event: text().notNull(),
    /** Who caused it: the account the event names, else the sender of the transaction. */
    actor: hex().notNull(),
    subjectType: text().notNull(),
    subjectId: text().notNull(),
    /** The datanet and the model it names, itself or by a contribution of theirs. */
    datanetId: uint256(),
    modelId: uint256(),
    /** The event's arguments by name; integers as decimal strings. */
    args: jsonb().$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    index('activity_actor_idx').on(t.actor, t.id),
    index('activity_subject_idx').on(t.subjectType, t.subjectId, t.id),
    index('activity_datanet_idx').on(t.datanetId, t.id),
    index('activity_model_idx').on(t.modelId, t.id),
    index('activity_event_idx').on(t.event, t.id),
    index('activity_contract_idx').on(t.contractName, t.event, t.id),
    index('activity_block_idx').on(t.block, t.logIndex),
    index('activity_timestamp_idx').on(t.timestamp, t.id),
    index('activity_tx_idx').on(t.txHash, t.id),
  ],
);
