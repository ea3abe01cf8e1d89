import type { Database } from '@openledger/db';
import { voucher as voucherTable } from '@openledger/db/app';
import { escrowAccount, inference } from '@openledger/db/chain';
import type { Hex } from '@openledger/protocol';
import { and, eq, sql } from 'drizzle-orm';
import { paymentNeeded } from './paymentNeeded.ts';
import type { SignedVoucher } from './signedVoucher.ts';

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];
type Account = { readonly genesisHash: Hex; readonly payer: Hex; readonly worker: Hex };

export type Reservation = Account & {
  readonly escrow: Hex;
  /** Wei of OPEN that the request may come to. */
  readonly most: bigint;
  /** What came with the request, its signature checked. */
  readonly voucher: SignedVoucher | undefined;
};

/** Seconds that a voucher has to stay valid: the worker needs time to settle it. */
export const SETTLING_SECONDS = 600;

/**
 * Reserves what a request may come to, if what its payer has promised this worker and deposited covers it beside everything
 * that the worker has a claim to already. One request of a payer at a time, at any worker.
 *
 * @throws ApiError (402) saying what is missing.
 */
export const reserve = async (transaction: Transaction, reservation: Reservation): Promise<void> => {
  const { genesisHash, payer, worker, most, voucher } = reservation;
  await transaction.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`payer ${genesisHash} ${payer}`}, 0))`);
  const settled = await settledFees(transaction, reservation);
  if (voucher !== undefined) await keep(transaction, reservation, voucher, settled);
  // Locked: what others give back meanwhile must not be written over.
  const [standing] = await transaction
    .select()
    .from(voucherTable)
    .where(ofAccount({ genesisHash, payer, worker }))
    .for('update');

  const now = Math.floor(Date.now() / 1000);
  const claimed = bigger(standing?.committed ?? 0n, settled) + most;
  const promised = standing?.cumulativeAmount ?? 0n;
  const balance = await lastingBalance(transaction, payer, now);
  const unsettled = (await unsettledClaims(transaction, reservation)) + most;
  const needed = { payer, worker, escrow: reservation.escrow, cumulativeAmount: claimed, balance: unsettled };
  const earliest = now + SETTLING_SECONDS;
  if (standing === undefined) {
    throw paymentNeeded(
      'voucher_missing',
      { ...needed, why: 'This model is paid for, and no voucher of yours is here.' },
      earliest,
    );
  }
  if (standing.expiresAt.getTime() < earliest * 1000) {
    throw paymentNeeded(
      'voucher_expired',
      { ...needed, why: 'Your voucher has expired, or will within ten minutes.' },
      earliest,
    );
  }
  if (claimed > promised) {
    const why = `Your voucher promises ${promised} wei in all; with this request it has to be ${claimed}.`;
    throw paymentNeeded('voucher_too_low', { ...needed, why }, earliest);
  }
  if (unsettled > balance) {
    const why = `Your balance in the escrow that is not about to be withdrawn is ${balance} wei; what is not settled yet needs ${unsettled} with this request.`;
    throw paymentNeeded('balance_too_low', { ...needed, why }, earliest);
  }
  await transaction
    .update(voucherTable)
    .set({ committed: claimed, updatedAt: new Date() })
    .where(ofAccount({ genesisHash, payer, worker }));
};

/** Gives back what of a reservation was not used. */
export const release = async (
  transaction: Pick<Transaction, 'update'>,
  { amount, ...account }: Account & { readonly amount: bigint },
): Promise<void> => {
  if (amount === 0n) return;
  const committed = sql`greatest(0, ${voucherTable.committed} - ${amount}::numeric)`;
  await transaction.update(voucherTable).set({ committed, updatedAt: new Date() }).where(ofAccount(account));
};

/** Keeps a voucher if it is better than the one that is kept: it promises more, or lasts while that does not. */
const keep = async (
  transaction: Transaction,
  { genesisHash }: Reservation,
  { payer, worker, cumulativeAmount, expiry, signature }: SignedVoucher,
  settled: bigint,
): Promise<void> => {
  const values = { cumulativeAmount, expiresAt: new Date(Number(expiry) * 1000), signature, updatedAt: new Date() };
  await transaction
    .insert(voucherTable)
    .values({ genesisHash, payer, worker, committed: settled, ...values })
    .onConflictDoUpdate({
      target: [voucherTable.genesisHash, voucherTable.payer, voucherTable.worker],
      set: values,
      setWhere: sql`(excluded.cumulative_amount, excluded.expires_at) > (${voucherTable.cumulativeAmount}, ${voucherTable.expiresAt})
        or (${voucherTable.expiresAt} < now() + make_interval(secs => ${SETTLING_SECONDS}) and excluded.expires_at > ${voucherTable.expiresAt})`,
    });
};

/** Fees that this worker has settled on chain. */
const settledFees = async (transaction: Transaction, { payer, worker }: Account): Promise<bigint> => {
  const [sum] = await transaction
    .select({ fee: sql<bigint>`coalesce(sum(${inference.fee}), 0)`.mapWith(BigInt) })
    .from(inference)
    .where(and(eq(inference.payer, payer), eq(inference.worker, worker)));
  return sum!.fee;
};

/** What the workers here have claims to and have not settled. */
const unsettledClaims = async (transaction: Transaction, { genesisHash, payer }: Account): Promise<bigint> => {
  const settled = transaction
    .select({ worker: inference.worker, fee: sql<bigint>`sum(${inference.fee})`.as('fee') })
    .from(inference)
    .where(eq(inference.payer, payer))
    .groupBy(inference.worker)
    .as('settled');
  const open = sql`greatest(0, ${voucherTable.committed} - coalesce(${settled.fee}, 0))`;
  const [sum] = await transaction
    .select({ open: sql<bigint>`coalesce(sum(${open}), 0)`.mapWith(BigInt) })
    .from(voucherTable)
    .leftJoin(settled, eq(settled.worker, voucherTable.worker))
    .where(and(eq(voucherTable.genesisHash, genesisHash), eq(voucherTable.payer, payer)));
  return sum!.open;
};

/** The deposit, but for what may be withdrawn before it could be settled. */
const lastingBalance = async (transaction: Transaction, payer: Hex, now: number): Promise<bigint> => {
  const [account] = await transaction
    .select({
      balance: escrowAccount.balance,
      pending: escrowAccount.pendingWithdrawal,
      withdrawableAt: escrowAccount.withdrawableAt,
    })
    .from(escrowAccount)
    .where(eq(escrowAccount.account, payer));
  if (account === undefined) return 0n;
  const isLeaving = account.pending > 0n && account.withdrawableAt <= BigInt(now + SETTLING_SECONDS);
  return bigger(0n, account.balance - (isLeaving ? account.pending : 0n));
};

const ofAccount = ({ genesisHash, payer, worker }: Account) =>
  and(eq(voucherTable.genesisHash, genesisHash), eq(voucherTable.payer, payer), eq(voucherTable.worker, worker));

const bigger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
