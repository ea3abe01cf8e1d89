/** A score of one, 1e18 fixed point: the best a contribution can have. */
export const oneScore = 10n ** 18n;

/** A score that the registry would refuse. */
export class ScoreError extends Error {
  override readonly name = 'ScoreError';
}

/**
 * A contribution's score: the middle of its revealed scores, the mean of the two middle ones rounded down for an even
 * count. Equal to `DatanetRegistry.median`.
 * @throws ScoreError without scores, or when one lies outside 0 to 1e18.
 */
export function medianScore(scores: readonly bigint[]): bigint {
  for (const score of scores) {
    if (score < 0n || score > oneScore) throw new ScoreError(`A score of ${score} lies outside 0 to ${oneScore}.`);
  }
  const sorted = scores.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) throw new ScoreError('A median needs at least one score; there is none.');
  if (sorted.length % 2 === 1) return upper;
  return (sorted[(sorted.length >> 1) - 1]! + upper) / 2n;
}
