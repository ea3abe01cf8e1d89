import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, text, unique, uuid } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isNatural, isOneOf, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';

/** A transaction of a relayer's: one for each nonce, its hash replaced when its fee is raised. */
export const relayTransaction = app.table(
  'relay_transaction',
  {
    id: uuid().primaryKey().defaultRandom(),
    genesisHash: onChain(),
    relayer: hex().notNull(),
    nonce: bigint({ mode: 'bigint' }).notNull(),
    hash: hex().notNull().unique(),
    /** Signed and ready to be sent again, RLP. */
    raw: hex().notNull(),
    /** Wei for a unit of gas. */
    maxFeePerGas: uint256().notNull(),
    attempts: integer().notNull().default(1),
    submittedAt: written(),
    minedBlock: bigint({ mode: 'bigint' }),
  },
  (t) => [
    unique('relay_transaction_nonce_key').on(t.genesisHash, t.relayer, t.nonce),
    isAddress('relay_transaction_relayer_is_address', t.relayer),
    isNatural('relay_transaction_nonce_is_natural', t.nonce),
    isHash('relay_transaction_hash_is_hash', t.hash),
    isNatural('relay_transaction_fee_is_natural', t.maxFeePerGas),
    index('relay_transaction_open_idx').on(t.genesisHash, t.relayer, t.nonce).where(sql`${t.minedBlock} is null`),
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
  },
  (t) => [
    check('relay_key_is_short', sql`length(${t.idempotencyKey}) between 1 and 128`),
    isAddress('relay_account_is_address', t.account),
    isOneOf('relay_state_is_known', t.state, relayStates),
    check('relay_pending_has_no_transaction', sql`${t.state} <> 'pending' or ${t.transactionId} is null`),
    check(
      'relay_sent_has_a_transaction',
      sql`${t.state} not in ('submitted', 'mined', 'final') or ${t.transactionId} is not null`,
    ),
    check('relay_final_is_dated', sql`(${t.state} = 'final') = (${t.finalAt} is not null)`),
    check('relay_failure_is_explained', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    index('relay_pending_idx').on(t.genesisHash, t.createdAt).where(sql`${t.state} = 'pending'`),
    index('relay_transaction_idx').on(t.transactionId),
    index('relay_account_idx').on(t.genesisHash, t.account, t.createdAt),
  ],
);
