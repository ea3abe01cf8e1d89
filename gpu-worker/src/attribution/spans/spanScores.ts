import { chanceOf } from './chance.ts';
import { earliestOf } from './holders.ts';
import type { SpanIndex } from './spanIndex.ts';
import type { Span } from './spans.ts';

/** What a contribution's passages come to, millionths of a nat; above 0. */
export type SpanScore = { readonly contributionId: bigint; readonly score: bigint };

export type SpanScoreOptions = {
  /** Tokens of the answer that the spans are of. */
  readonly answerTokens: number;
  /** Only what these tokens of it are worth, a sentence's say. */
  readonly within?: { readonly from: number; readonly to: number };
};

/**
 * What an answer's spans are worth to whom: a span's surprise above chance goes to the earliest contribution that has the
 * passage, each token's part of it divided among the spans that the token is in. So later copies of a passage earn nothing,
 * and all scores together are never more than the answer's own surprise.
 *
 * @returns ascending by contribution.
 */
export const spanScores = (
  index: SpanIndex,
  spans: readonly Span[],
  { answerTokens, within = { from: 0, to: answerTokens } }: SpanScoreOptions,
): readonly SpanScore[] => {
  const chance = chanceOf(index, answerTokens);
  const paid = spans.filter(({ documents }) => documents.length > 0);
  const sums = new Map<bigint, bigint>();
  for (const { from, to, tokens, documents } of paid) {
    const surprise = tokens.reduce((sum, token) => sum + index.surprise.of(token), 0);
    let score = 0n;
    for (let place = Math.max(from, within.from); surprise > chance && place < Math.min(to, within.to); place++) {
      const sharers = paid.filter((other) => other.from <= place && place < other.to).length;
      const part = Math.floor(index.surprise.of(tokens[place - from]!) / sharers);
      score += (BigInt(part) * BigInt(surprise - chance)) / BigInt(surprise);
    }
    const owner = index.contributionOf(earliestOf(index, documents));
    sums.set(owner, (sums.get(owner) ?? 0n) + score);
  }
  return [...sums]
    .map(([contributionId, score]) => ({ contributionId, score }))
    .filter(({ score }) => score > 0n)
    .sort((a, b) => (a.contributionId < b.contributionId ? -1 : 1));
};
