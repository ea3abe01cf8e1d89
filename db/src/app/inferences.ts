import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { apiKey } from './api-keys.ts';
import { app, hex, isAddress, isHash, isNatural, isOneOf, moment, uint256, written } from './columns.ts';
import { onChain } from './deployments.ts';

/** The highest promise of a payer to a worker: what it may collect in all. Kept before the answer is given. */
export const voucher = app.table(
  'voucher',
  {
    genesisHash: onChain(),
    payer: hex().notNull(),
    worker: hex().notNull(),
    /** Wei of OPEN. */
    cumulativeAmount: uint256().notNull(),
    expiresAt: moment().notNull(),
    /** EIP-712, or ERC-1271 of up to 2,048 bytes. */
    signature: hex().notNull(),
    /** Wei of OPEN that the worker has a claim to in all: what it settled, answered, and reserved for what it is answering. */
    committed: uint256().notNull().default(0n),
    updatedAt: written(),
  },
  (t) => [
    primaryKey({ columns: [t.genesisHash, t.payer, t.worker] }),
    isAddress('voucher_payer_is_address', t.payer),
    isAddress('voucher_worker_is_address', t.worker),
    isNatural('voucher_amount_is_natural', t.cumulativeAmount),
    isNatural('voucher_committed_is_natural', t.committed),
    check('voucher_signature_is_hex', sql`${t.signature} ~ '^0x([0-9a-f]{2})+$' and length(${t.signature}) <= 4098`),
    index('voucher_worker_idx').on(t.genesisHash, t.worker, t.expiresAt),
  ],
);

export const inferenceStates = ['running', 'answered', 'failed', 'cancelled'] as const;

/** One request to a model, as its worker recorded it; prompts and answers stay out, only their hashes are kept. */
export const inferenceRecord = app.table(
  'inference_record',
  {
    requestId: hex().primaryKey(),
    /** The worker's own id of the request, which the request's id on chain is made of. */
    nonce: hex(),
    genesisHash: onChain(),
    worker: hex().notNull(),
    payer: hex().notNull(),
    apiKeyId: uuid().references(() => apiKey.id, { onDelete: 'set null' }),
    modelId: uint256().notNull(),
    modelVersion: integer().notNull(),
    /** Of the adapter that answered; null for the base alone. */
    adapterHash: hex(),
    state: text().$type<(typeof inferenceStates)[number]>().notNull(),
    /** Why the answer ended: `stop`, `length`. */
    finishReason: text(),
    promptHash: hex().notNull(),
    /** Of the answer; of what was written of it, when the client went away. */
    outputHash: hex(),
    inTokens: integer().notNull().default(0),
    outTokens: integer().notNull().default(0),
    /** Wei of OPEN; while it runs, the most that it may come to. */
    fee: uint256().notNull(),
    startedAt: written(),
    firstTokenAt: moment(),
    endedAt: moment(),
    /** Why it failed, without anything of the prompt. */
    error: text(),
  },
  (t) => [
    isHash('inference_record_request_is_hash', t.requestId),
    isHash('inference_record_nonce_is_hash', t.nonce),
    isAddress('inference_record_worker_is_address', t.worker),
    isAddress('inference_record_payer_is_address', t.payer),
    isHash('inference_record_adapter_is_hash', t.adapterHash),
    isHash('inference_record_prompt_is_hash', t.promptHash),
    isHash('inference_record_output_is_hash', t.outputHash),
    isOneOf('inference_record_state_is_known', t.state, inferenceStates),
    isNatural('inference_record_in_tokens_is_natural', t.inTokens),
    isNatural('inference_record_out_tokens_is_natural', t.outTokens),
    isNatural('inference_record_fee_is_natural', t.fee),
    check('inference_record_runs_or_ended', sql`(${t.state} = 'running') = (${t.endedAt} is null)`),
    check(
      'inference_record_answer_is_whole',
      sql`case ${t.state} when 'answered' then ${t.outputHash} is not null when 'cancelled' then true else ${t.outputHash} is null end`,
    ),
    check('inference_record_failure_is_explained', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    index('inference_record_model_idx').on(t.genesisHash, t.modelId, t.startedAt),
    index('inference_record_payer_idx').on(t.genesisHash, t.payer, t.startedAt),
    index('inference_record_worker_idx').on(t.genesisHash, t.worker, t.startedAt),
    index('inference_record_key_idx').on(t.apiKeyId, t.startedAt),
    index('inference_record_running_idx').on(t.genesisHash, t.worker).where(sql`${t.state} = 'running'`),
  ],
);

/** Lets an account ask one worker once, on its own name: the API gives it to the worker instead of the account's session or key. */
export const inferenceTicket = app.table(
  'inference_ticket',
  {
    /** SHA-256 of the ticket. */
    hash: hex().primaryKey(),
    genesisHash: onChain(),
    account: hex().notNull(),
    apiKeyId: uuid().references(() => apiKey.id, { onDelete: 'cascade' }),
    worker: hex().notNull(),
    expiresAt: moment().notNull(),
    usedAt: moment(),
    createdAt: written(),
  },
  (t) => [
    isHash('inference_ticket_hash_is_hash', t.hash),
    isAddress('inference_ticket_account_is_address', t.account),
    isAddress('inference_ticket_worker_is_address', t.worker),
    index('inference_ticket_expiry_idx').on(t.expiresAt),
  ],
);
