import { earliestOf } from './holders.ts';
import type { SpanIndex } from './spanIndex.ts';
import type { Span } from './spans.ts';

/** What a contribution's passages come to, millionths of a nat; above 0. */
export type SpanScore = { readonly contributionId: bigint; readonly score: bigint };

/**
 * What an answer's spans are worth to whom: each token's surprise, divided among the spans that it is in, goes to the earliest
 * contribution that has the passage. So later copies of a passage earn nothing, and all scores together are never more than
 * the answer's own surprise.
 *
 * @param within only what these tokens of the answer are worth, a sentence's say. @returns ascending by contribution.
 */
export const spanScores = (
  index: SpanIndex,
  spans: readonly Span[],
  within: { readonly from: number; readonly to: number } = { from: 0, to: Number.POSITIVE_INFINITY },
): readonly SpanScore[] => {
  const paid = spans.filter(({ documents }) => documents.length > 0);
  const sums = new Map<bigint, bigint>();
  for (const { from, to, tokens, documents } of paid) {
    let score = 0;
    for (let place = Math.max(from, within.from); place < Math.min(to, within.to); place++) {
      const sharers = paid.filter((other) => other.from <= place && place < other.to).length;
      score += Math.floor(index.surprise.of(tokens[place - from]!) / sharers);
    }
    const owner = index.contributionOf(earliestOf(index, documents));
    sums.set(owner, (sums.get(owner) ?? 0n) + BigInt(score));
  }
  return [...sums]
    .map(([contributionId, score]) => ({ contributionId, score }))
    .filter(({ score }) => score > 0n)
    .sort((a, b) => (a.contributionId < b.contributionId ? -1 : 1));
};
