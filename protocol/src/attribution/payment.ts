import type { Receipt } from '../receipt.ts';

/** How the contributors' part of one fee is divided, as `AttributionLedger.postBatch` takes it. Wei of OPEN. */
export type Payment = {
  /** Ascending, each with an amount above 0. */
  readonly contributionIds: readonly bigint[];
  readonly amounts: readonly bigint[];
  readonly unattributed: bigint;
};

const WHOLE = 1_000_000n;

/**
 * Divides the contributors' part of a fee by a receipt's shares. Each share is rounded down; the wei that are left go to the
 * largest remainders, equal ones by contribution in ascending order, what is unattributed last. What a contribution would get
 * that is not accepted (any more) stays unattributed, so that nobody gains by another's leaving.
 *
 * @param part wei of OPEN
 * @param isAccepted of a contribution on chain, when the batch is posted
 * @returns amounts that sum to `part` with `unattributed`
 * @example paymentOf(10n, { shares: [{ contributionId: '7', ppm: 250_000 }], unattributedPpm: 750_000 }, () => true).amounts // [3n]
 */
export function paymentOf(
  part: bigint,
  { shares, unattributedPpm }: Pick<Receipt, 'shares' | 'unattributedPpm'>,
  isAccepted: (contributionId: bigint) => boolean,
): Payment {
  const parts = [
    ...shares.map(({ contributionId, ppm }) => ({ id: BigInt(contributionId), ppm: BigInt(ppm) })),
    { id: undefined, ppm: BigInt(unattributedPpm) },
  ].map(({ id, ppm }, place) => ({ id, place, amount: (part * ppm) / WHOLE, remainder: (part * ppm) % WHOLE }));
  let left = part - parts.reduce((sum, { amount }) => sum + amount, 0n);
  for (const one of parts.toSorted((a, b) => compare(b.remainder, a.remainder) || a.place - b.place)) {
    if (left === 0n) break;
    one.amount += 1n;
    left -= 1n;
  }
  const paid = parts.flatMap(({ id, amount }) =>
    id !== undefined && amount > 0n && isAccepted(id) ? [{ id, amount }] : [],
  );
  return {
    contributionIds: paid.map(({ id }) => id),
    amounts: paid.map(({ amount }) => amount),
    unattributed: part - paid.reduce((sum, { amount }) => sum + amount, 0n),
  };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
