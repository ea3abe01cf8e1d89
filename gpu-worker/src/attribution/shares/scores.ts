/** What one kind of evidence says of each contribution, in the kind's own whole unit; above 0, or not there at all. */
export type Scores = ReadonlyMap<bigint, bigint>;

/**
 * By the kind of evidence, of those kinds that an answer has. Influence: millionths of the most that a row can have, above the null
 * band, summed over rows. Spans: millionths of a nat of surprise. Retrieval: millionths of a nat that passages add to the answer's log-probability.
 */
export type KindScores = {
  readonly influence?: Scores;
  readonly spans?: Scores;
  readonly retrieval?: Scores;
};

export const kinds = ['influence', 'spans', 'retrieval'] as const;
export type Kind = (typeof kinds)[number];

export const sumOf = (scores: Scores): bigint => scores.values().reduce((sum, score) => sum + score, 0n);

/** Sums by contribution; what comes to nothing, or less, is left out. */
export const summed = (parts: Iterable<readonly [contributionId: bigint, score: bigint]>): Scores => {
  const sums = new Map<bigint, bigint>();
  for (const [contributionId, score] of parts) sums.set(contributionId, (sums.get(contributionId) ?? 0n) + score);
  return new Map([...sums].filter(([, sum]) => sum > 0n));
};
