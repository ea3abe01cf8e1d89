import { index, integer, onchainTable, text } from 'ponder';
import { eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

/** An account's standing in the escrow: what it put in to pay with, and what it earned. Wei of OPEN. */
export const escrowAccount = onchainTable(
  'escrow_account',
  {
    account: hex().primaryKey(),
    balance: uint256().notNull(),
    deposited: uint256().notNull(),
    spent: uint256().notNull(),
    withdrawn: uint256().notNull(),
    pendingWithdrawal: uint256().notNull(),
    /** When the pending withdrawal opens; zero while there is none. */
    withdrawableAt: int8().notNull(),
    /** Credited to it as treasury, model owner or worker's operator. */
    earned: uint256().notNull(),
    earningsWithdrawn: uint256().notNull(),
    ...provenance,
  },
  (t) => ({
    balanceIndex: index('escrow_account_balance_idx').on(t.balance, t.account),
    spentIndex: index('escrow_account_spent_idx').on(t.spent, t.account),
    earnedIndex: index('escrow_account_earned_idx').on(t.earned, t.account),
    createdIndex: index('escrow_account_created_idx').on(t.createdAt, t.account),
  }),
);

/** One settled answer: who paid whom for what, how the fee was split, and where its attribution stands. */
export const inference = onchainTable(
  'inference',
  {
    requestId: hex().primaryKey(),
    /** The 75-digit id of its settlement event; orders inferences as the chain does. */
    eventId: text().notNull(),
    modelId: uint256().notNull(),
    worker: hex().notNull(),
    payer: hex().notNull(),
    version: integer().notNull(),
    inTokens: int8().notNull(),
    outTokens: int8().notNull(),
    fee: uint256().notNull(),
    outputHash: hex().notNull(),
    platformFee: uint256().notNull(),
    modelFee: uint256().notNull(),
    workerFee: uint256().notNull(),
    stakersFee: uint256().notNull(),
    contributorsFee: uint256().notNull(),
    attributionStatus: text().$type<'none' | 'posted' | 'final'>().notNull(),
    batchId: uint256(),
    /** Part of the contributors' fee that no evidence supported, once posted. */
    unattributed: uint256(),
    ...provenance,
  },
  (t) => ({
    eventIndex: index('inference_event_idx').on(t.eventId),
    modelIndex: index('inference_model_idx').on(t.modelId, t.eventId),
    workerIndex: index('inference_worker_idx').on(t.worker, t.eventId),
    payerIndex: index('inference_payer_idx').on(t.payer, t.eventId),
    batchIndex: index('inference_batch_idx').on(t.batchId, t.eventId),
    statusIndex: index('inference_status_idx').on(t.attributionStatus, t.eventId),
    feeIndex: index('inference_fee_idx').on(t.fee, t.requestId),
  }),
);

/** Every fee split that was ever in force, in basis points summing to 10,000. */
export const feeSplit = onchainTable('fee_split', {
  ...eventProvenance,
  platformBps: integer().notNull(),
  modelBps: integer().notNull(),
  workerBps: integer().notNull(),
  stakersBps: integer().notNull(),
  contributorsBps: integer().notNull(),
});
