import { escrowAccount } from 'ponder:schema';
import type { Hex } from 'viem';
import type { Occurrence } from './occurrence.ts';
import { plus } from './plus.ts';
import { created, updated } from './provenance.ts';

const empty = {
  balance: 0n,
  deposited: 0n,
  spent: 0n,
  withdrawn: 0n,
  pendingWithdrawal: 0n,
  withdrawableAt: 0n,
  earned: 0n,
  earningsWithdrawn: 0n,
};
type Amounts = keyof Omit<typeof empty, 'pendingWithdrawal' | 'withdrawableAt'>;

/** Adds to an account's amounts in the escrow; all in wei of OPEN. */
export const book = async (e: Occurrence, account: Hex, change: { readonly [key in Amounts]?: bigint }) => {
  await e.db
    .insert(escrowAccount)
    .values({ account, ...empty, ...change, ...created(e) })
    .onConflictDoUpdate((row) => ({ ...plus(row, change), ...updated(e) }));
};

/** Sets the withdrawal that a payer waits for; a new request replaces it, zero ends it. */
export const setWithdrawal = async (e: Occurrence, account: Hex, amount: bigint, availableAt: bigint) => {
  await e.db
    .update(escrowAccount, { account })
    .set({ pendingWithdrawal: amount, withdrawableAt: availableAt, ...updated(e) });
};
