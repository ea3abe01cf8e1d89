import type { Hex } from '@openledger/protocol';
import type { Algorithm } from '@openledger/protocol/attribution';
import { chanceOf } from './chance.ts';
import type { SpanIndex } from './spanIndex.ts';
import { type Span, standingOf } from './spans.ts';

export type RecheckOptions = {
  readonly seed: Hex;
  readonly settings: Algorithm['spans'];
  /** Tokens of the answer that the spans are of. */
  readonly answerTokens: number;
};

/**
 * What is wrong with the spans of an evidence, each in one line; nothing when all are as the index has them. Needs no answer:
 * whether it had other passages as well can only be told by who has it.
 */
export const recheckSpans = (
  index: SpanIndex,
  spans: readonly Span[],
  { seed, settings, answerTokens }: RecheckOptions,
): readonly string[] => {
  const wrong: string[] = [];
  const most = Math.ceil((answerTokens * settings.perMille) / 1_000);
  if (spans.length > most) wrong.push(`${spans.length} spans; an answer of ${answerTokens} tokens has ${most} at most`);
  const chance = chanceOf(index, answerTokens);
  const seen = new Map<number, number>();
  for (const [place, span] of spans.entries()) {
    const { from, to, tokens, frequency, documents } = span;
    const name = `span ${place} (tokens ${from} to ${to})`;
    const before = spans[place - 1];
    if (from >= to || to > answerTokens) wrong.push(`${name}: lies outside the answer's ${answerTokens} tokens`);
    if (tokens.length !== to - from) wrong.push(`${name}: has ${tokens.length} tokens, not ${to - from}`);
    if (before !== undefined && (before.from >= from || before.to >= to)) {
      wrong.push(`${name}: is not after the one before it, or a part of it`);
    }
    for (const [at, token] of tokens.entries()) {
      const known = seen.get(from + at);
      if (known !== undefined && known !== token) {
        wrong.push(`${name}: token ${from + at} is ${token} here and ${known} in another span`);
      }
      seen.set(from + at, token);
    }
    const surprise = tokens.reduce((sum, token) => sum + index.surprise.of(token), 0);
    if (surprise <= chance) wrong.push(`${name}: is no more surprising than chance`);
    const found = standingOf(index, span, seed, settings);
    if (found.frequency === 0) wrong.push(`${name}: stands in no document`);
    else if (found.frequency !== frequency)
      wrong.push(`${name}: frequency ${frequency}, the index has ${found.frequency}`);
    if (found.documents.join() !== documents.join()) {
      wrong.push(
        `${name}: documents ${documents.join(', ') || 'none'}, the index has ${found.documents.join(', ') || 'none'}`,
      );
    }
  }
  return wrong;
};
