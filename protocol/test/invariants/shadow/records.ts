import type { Hex } from '../call.ts';

export type StakeRecord = {
  readonly account: Hex;
  readonly role: Hex;
  readonly bond: boolean;
  amount: bigint;
  pending: bigint;
  availableAt: bigint;
};

/** A staker's part of the fees, exact: amounts times `rewardScale`. `slack` is what rounding may have cost so far, in wei. */
export type Earning = { stake: bigint; index: bigint; notices: bigint; entitled: bigint; paid: bigint; slack: bigint };

export type DatanetRecord = {
  owner: Hex;
  status: bigint;
  readonly visibility: bigint;
  minBond: bigint;
  scoreThreshold: bigint;
  quorum: bigint;
  reviewWindow: bigint;
  accepted: bigint;
  acceptedRows: bigint;
  versions: bigint;
};

export type ContributionRecord = {
  readonly contributor: Hex;
  readonly relayer: Hex;
  readonly datanetId: bigint;
  readonly contentHash: Hex;
  readonly rows: bigint;
  readonly quorum: bigint;
  readonly reviewWindow: bigint;
  readonly scoreThreshold: bigint;
  readonly submittedAt: bigint;
  readonly bondId: bigint;
  status: 'pending' | 'accepted' | 'rejected' | 'revoked';
  commits: bigint;
  revealFrom: bigint;
  scores: readonly bigint[];
};

export type ModelRecord = { readonly owner: Hex; status: bigint; versions: bigint };
export type PayerRecord = { balance: bigint; requested: bigint; availableAt: bigint; expiresAt: bigint };
export type RequestRecord = {
  readonly worker: Hex;
  readonly modelId: bigint;
  readonly version: bigint;
  readonly contributorsPart: bigint;
  batchId: bigint;
};
export type AttributionRecord = { readonly contributionId: bigint; readonly amount: bigint };
export type BatchRecord = {
  readonly worker: Hex;
  readonly operator: Hex;
  readonly deadline: bigint;
  readonly attributed: bigint;
  readonly unattributed: bigint;
  readonly shares: readonly AttributionRecord[];
  status: 'posted' | 'finalized' | 'revoked';
  challenged: boolean;
};
export type EpochRecord = {
  readonly cumulativeTotal: bigint;
  /** What each account had earned by the epoch's end, over all time. */
  readonly earned: ReadonlyMap<Hex, bigint>;
};
export type DisputeRecord = {
  readonly initiator: Hex;
  readonly targetType: bigint;
  readonly targetId: Hex;
  readonly respondent: Hex;
  readonly deadline: bigint;
  readonly bondId: bigint;
  readonly contributionBond: bigint;
  open: boolean;
  countered: readonly Hex[];
};
