import type { Answer } from './answer.ts';

/** How a payer stands with a worker on chain, in wei of OPEN. */
export type Standing = {
  /** What the voucher promises in all. */
  readonly promised: bigint;
  /** What of that was taken. */
  readonly settled: bigint;
  /** What the payer has in the escrow. */
  readonly balance: bigint;
};

export type Covered = {
  readonly taken: readonly Answer[];
  readonly waiting: readonly { readonly answer: Answer; readonly lacks: 'voucher' | 'balance' }[];
};

/** Which answers a voucher and a balance pay for: the oldest first, and younger ones that still fit beside one that does not. */
export const cover = (answers: readonly Answer[], { promised, settled, balance }: Standing): Covered => {
  let [credit, money] = [promised - settled, balance];
  const taken: Answer[] = [];
  const waiting: Covered['waiting'][number][] = [];
  for (const answer of answers) {
    if (answer.fee > credit) waiting.push({ answer, lacks: 'voucher' });
    else if (answer.fee > money) waiting.push({ answer, lacks: 'balance' });
    else {
      taken.push(answer);
      credit -= answer.fee;
      money -= answer.fee;
    }
  }
  return { taken, waiting };
};
