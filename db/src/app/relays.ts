import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, jsonb, text, unique, uuid } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isNatural, isOneOf, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';

export const relayTransactionStates = ['submitted', 'mined', 'final', 'reverted', 'replaced'] as const;

/**
 * A transaction of a relayer's: one for each nonce, its hash replaced when its fee is raised. `reverted` is one that was
 * mined and refused: what it carried goes again. `replaced` is one whose nonce somebody else used with the same key.
 */
export const relayTransaction = app.table(
  'relay_transaction',
  {
    id: uuid().primaryKey().defaultRandom(),
    genesisHash: onChain(),
    relayer: hex().notNull(),
    nonce: bigint({ mode: 'bigint' }).notNull(),
    /** Of the attempt that was mined, of the newest one before. */
    hash: hex().notNull().unique(),
    /** Signed and ready to be sent again, RLP. */
    raw: hex().notNull(),
    /** Wei for a unit of gas. */
    maxFeePerGas: uint256().notNull(),
    attempts: integer().notNull().default(1),
    submittedAt: written(),
    minedBlock: bigint({ mode: 'bigint' }),
    state: text().$type<(typeof relayTransactionStates)[number]>().notNull().default('submitted'),
    /** Which block of that number: another hash there means that it was taken back. */
    minedBlockHash: hex(),
    /** Whether it can no longer be taken back; it is not looked at again. */
    isSettled: boolean().notNull().default(false),
  },
  (t) => [
    unique('relay_transaction_nonce_key').on(t.genesisHash, t.relayer, t.nonce),
    isAddress('relay_transaction_relayer_is_address', t.relayer),
    isNatural('relay_transaction_nonce_is_natural', t.nonce),
    isHash('relay_transaction_hash_is_hash', t.hash),
    isNatural('relay_transaction_fee_is_natural', t.maxFeePerGas),
    isOneOf('relay_transaction_state_is_known', t.state, relayTransactionStates),
    isHash('relay_transaction_block_is_hash', t.minedBlockHash),
    index('relay_transaction_open_idx').on(t.genesisHash, t.relayer, t.nonce).where(sql`not ${t.isSettled}`),
  ],
);

/** Every transaction ever signed for a nonce: any one of them may be the one that is mined. */
export const relayAttempt = app.table(
  'relay_attempt',
  {
    hash: hex().primaryKey(),
    transactionId: uuid()
      .notNull()
      .references(() => relayTransaction.id, { onDelete: 'cascade' }),
    raw: hex().notNull(),
    /** Wei for a unit of gas. */
    maxFeePerGas: uint256().notNull(),
    /** Wei for a unit of gas. */
    maxPriorityFeePerGas: uint256().notNull(),
    signedAt: written(),
  },
  (t) => [
    isHash('relay_attempt_hash_is_hash', t.hash),
    isNatural('relay_attempt_fee_is_natural', t.maxFeePerGas),
    index('relay_attempt_transaction_idx').on(t.transactionId, t.signedAt),
  ],
);

export const relayStates = ['pending', 'submitted', 'mined', 'final', 'failed'] as const;

/** One action that somebody signed and a relayer sends for them, alone or in a batch with others. */
export const relay = app.table(
  'relay',
  {
    /** Chosen by the client or derived from what was signed: the same action is taken once. */
    idempotencyKey: text().primaryKey(),
    genesisHash: onChain(),
    account: hex().notNull(),
    /** The contract's function, for example `submitContributionFor`. */
    action: text().notNull(),
    payload: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    state: text().$type<(typeof relayStates)[number]>().notNull().default('pending'),
    transactionId: uuid().references(() => relayTransaction.id),
    error: text(),
    createdAt: written(),
    updatedAt: written(),
    finalAt: moment(),
    /** Rows are sent in this order. */
    position: bigint({ mode: 'bigint' }).generatedAlwaysAsIdentity(),
    /** It is not sent before; at once without it. */
    notBefore: moment(),
    /** How often a transaction that carried it was refused on chain: from the first on it is sent alone. */
    reverts: integer().notNull().default(0),
    /** Where its effect was first seen, when that is not in a transaction of ours. */
    doneBlock: bigint({ mode: 'bigint' }),
  },
  (t) => [
    check('relay_key_is_short', sql`length(${t.idempotencyKey}) between 1 and 128`),
    isAddress('relay_account_is_address', t.account),
    isOneOf('relay_state_is_known', t.state, relayStates),
    check('relay_pending_has_no_transaction', sql`${t.state} <> 'pending' or ${t.transactionId} is null`),
    check(
      'relay_sent_has_a_transaction',
      sql`case ${t.state} when 'submitted' then ${t.transactionId} is not null
        when 'mined' then ${t.transactionId} is not null or ${t.doneBlock} is not null
        when 'final' then ${t.transactionId} is not null or ${t.doneBlock} is not null else true end`,
    ),
    check('relay_final_is_dated', sql`(${t.state} = 'final') = (${t.finalAt} is not null)`),
    check('relay_failure_is_explained', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    index('relay_pending_idx').on(t.genesisHash, t.position).where(sql`${t.state} = 'pending'`),
    index('relay_done_idx')
      .on(t.genesisHash, t.position)
      .where(sql`${t.state} = 'mined' and ${t.transactionId} is null`),
    index('relay_transaction_idx').on(t.transactionId),
    index('relay_account_idx').on(t.genesisHash, t.account, t.createdAt),
  ],
);
