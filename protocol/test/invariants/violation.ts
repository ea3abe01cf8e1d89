/** The invariants of the protocol by number; 0 stands for a rule outside the six. */
export type Invariant = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const invariants: Readonly<Record<Invariant, string>> = {
  0: 'a call that the rules allow succeeds, and one that they forbid fails',
  1: 'fee parts sum to the fee, attributed and unattributed amounts to the contributors’ part',
  2: 'the OPEN balances of escrow, distributor and stakes cover all they owe',
  3: 'a request settles once, a contribution is scored once by each validator, a voucher never pays twice',
  4: 'no batch pays before its window has passed; a revoked batch pays nothing and its requests are free again',
  5: 'a proof, score, signature or voucher is bound to chain id, contract and subject',
  6: 'slashed stake and lost bonds go where Slashed says and nowhere else',
};

/** The contracts did what one of the invariants forbids. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;
  /** False when a call that had to pass merely failed, so that nothing changed. */
  readonly happened: boolean;
  constructor(invariant: Invariant, message: string, happened = true) {
    super(`Invariant ${invariant} (${invariants[invariant]}) does not hold: ${message}`);
    this.invariant = invariant;
    this.happened = happened;
  }
}
