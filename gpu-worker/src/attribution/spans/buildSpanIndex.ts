import type { Hex } from '@openledger/protocol';
import { checkDocuments, isSameTokens, type SpanDocument } from './documents.ts';
import { buildSegment, documentTokens, type Segment } from './segment.ts';
import { storeSegment } from './segmentFile.ts';
import { createSpanIndex, type SpanIndex } from './spanIndex.ts';

export type SpanIndexOptions = {
  /** All that the version was trained on: a contribution's documents in their order. */
  readonly documents: readonly SpanDocument[];
  readonly tokenizerHash: Hex;
  readonly vocabSize: number;
  /** An earlier version's index: what it holds is not sorted again. */
  readonly before?: SpanIndex;
};

/**
 * The index of a version. With the earlier version's, only what is new is sorted: as a segment of its own, merged with those
 * that are not twice its size, so that there are never more than a logarithm of them. A segment that holds what the version
 * does not, of a contribution that was revoked, is sorted anew without it.
 *
 * @example
 * const first = buildSpanIndex({ documents, tokenizerHash, vocabSize });
 * const second = buildSpanIndex({ documents: [...documents, ...added], tokenizerHash, vocabSize, before: first });
 * @throws SpanError as `buildSegment`.
 */
export const buildSpanIndex = ({ documents, tokenizerHash, vocabSize, before }: SpanIndexOptions): SpanIndex => {
  checkDocuments(documents, vocabSize);
  const wanted = Map.groupBy(documents, ({ contributionId }) => contributionId);
  const isOfTokenizer = before?.tokenizerHash === tokenizerHash && before.vocabSize === vocabSize;
  const kept = (isOfTokenizer ? before.segments : []).filter((segment) => isWanted(segment, wanted));
  const held = new Set(kept.flatMap(({ contributions }) => [...contributions]));
  const segments = kept.toSorted((a, b) => b.tokens.length - a.tokens.length);
  let fresh = documents.filter(({ contributionId }) => !held.has(contributionId));
  if (fresh.length > 0) {
    while (segments.length > 0 && segments.at(-1)!.tokens.length < 2 * size(fresh)) {
      fresh = [...fresh, ...documentsOf(segments.pop()!)];
    }
    segments.push(storeSegment(buildSegment(fresh.toSorted(byContribution), vocabSize), vocabSize));
  }
  return createSpanIndex({ tokenizerHash, vocabSize, segments });
};

/** Whether all that a segment holds is wanted, and is what it was. */
const isWanted = (segment: Segment, wanted: ReadonlyMap<bigint, readonly SpanDocument[]>): boolean => {
  const own = Map.groupBy(segment.starts.keys(), (document) => segment.contributions[document]!);
  return [...own].every(([owner, documents]) => {
    const asked = wanted.get(owner) ?? [];
    return (
      asked.length === documents.length &&
      asked.every(({ tokens }, place) => isSameTokens(tokens, documentTokens(segment, documents[place]!)))
    );
  });
};

/** Separators included. */
const size = (documents: readonly SpanDocument[]): number =>
  documents.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);

const documentsOf = (segment: Segment): readonly SpanDocument[] =>
  Array.from(segment.starts, (_, document) => ({
    contributionId: segment.contributions[document]!,
    tokens: documentTokens(segment, document),
  }));

/** A contribution's own stay as they are. */
const byContribution = (a: SpanDocument, b: SpanDocument): number =>
  a.contributionId < b.contributionId ? -1 : Number(a.contributionId > b.contributionId);
