/** Basis points of each part of a fee; they sum to 10,000. Set by governance (`FeeSplitUpdated`). */
export type FeeSplit = {
  readonly platformBps: number;
  readonly modelBps: number;
  readonly workerBps: number;
  readonly stakersBps: number;
  readonly contributorsBps: number;
};

/** The five parts of one fee, in wei of OPEN; they sum to the fee. */
export type FeeParts = {
  readonly platform: bigint;
  readonly model: bigint;
  readonly worker: bigint;
  readonly stakers: bigint;
  readonly contributors: bigint;
};

/** A fee or a split that the escrow would refuse. */
export class FeeError extends Error {
  override readonly name = 'FeeError';
}

const wholeBps = 10_000;

/** The split that a deployment starts with. */
export const startingFeeSplit: FeeSplit = {
  platformBps: 500,
  modelBps: 3_000,
  workerBps: 2_500,
  stakersBps: 500,
  contributorsBps: 3_500,
};

/**
 * Splits a fee as `InferenceEscrow.splitFee` does: four parts rounded down, the rest to the contributors. With nobody
 * staked the stakers' part is the platform's.
 * @param fee wei of OPEN.
 * @throws FeeError for a negative fee, or parts that are not whole basis points summing to 10,000.
 * @example splitFee(1_000n, startingFeeSplit, true).contributors // 350n
 */
export function splitFee(fee: bigint, split: FeeSplit, hasStakers: boolean): FeeParts {
  if (fee < 0n) throw new FeeError(`A fee of ${fee} wei cannot be split: it must not be negative.`);
  checkFeeSplit(split);
  const part = (bps: number) => (fee * BigInt(bps)) / BigInt(wholeBps);
  const platform = part(split.platformBps);
  const model = part(split.modelBps);
  const worker = part(split.workerBps);
  const stakers = part(split.stakersBps);
  const contributors = fee - platform - model - worker - stakers;
  return hasStakers
    ? { platform, model, worker, stakers, contributors }
    : { platform: platform + stakers, model, worker, stakers: 0n, contributors };
}

/** @throws FeeError naming the part that is wrong, or the sum. */
export function checkFeeSplit(split: FeeSplit): void {
  for (const [name, bps] of Object.entries(split)) {
    if (!Number.isInteger(bps) || bps < 0 || bps > wholeBps) {
      throw new FeeError(`${name} is ${bps}: it must be a whole number of basis points between 0 and ${wholeBps}.`);
    }
  }
  const sum = split.platformBps + split.modelBps + split.workerBps + split.stakersBps + split.contributorsBps;
  if (sum !== wholeBps)
    throw new FeeError(`The parts of the fee sum to ${sum} basis points: they must sum to ${wholeBps}.`);
}
