import type { Hex } from '@openledger/protocol';
import { checkDocuments, isSameTokens, type SpanDocument } from './documents.ts';
import { buildSegment, documentTokens, type Segment } from './segment.ts';
import { type StoredSegment, storeSegment } from './segmentFile.ts';
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
 * that are not twice its size, so that there are never more than a logarithm of them.
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
  const usable = (isOfTokenizer ? before.segments : []).filter((segment) => isWorthKeeping(segment, wanted));
  const held = new Set(usable.flatMap(({ contributions }) => [...contributions]));
  const fresh = inOrder([...wanted].flatMap(([owner, own]) => (held.has(owner) ? [] : own)));
  const segments = usable.toSorted((a, b) => b.tokens.length - a.tokens.length);
  if (fresh.length > 0) segments.push(storeSegment(buildSegment(fresh, vocabSize), vocabSize));
  for (let [left, right] = segments.slice(-2); isNear(left, right); [left, right] = segments.slice(-2)) {
    const both = inOrder([left!, right!].flatMap((segment) => documentsOf(segment, wanted)));
    segments.splice(-2, 2, storeSegment(buildSegment(both, vocabSize), vocabSize));
  }
  const owners = new Set(segments.flatMap(({ contributions }) => [...contributions]));
  const leftOut = [...owners].filter((owner) => !wanted.has(owner)).sort((a, b) => (a < b ? -1 : 1));
  return createSpanIndex({ tokenizerHash, vocabSize, segments, leftOut });
};

type Wanted = ReadonlyMap<bigint, readonly SpanDocument[]>;

/** A segment stays when most of it is wanted, and its contributions' documents are what they were. */
const isWorthKeeping = (segment: Segment, wanted: Wanted): boolean => {
  const own = Map.groupBy(segment.starts.keys(), (document) => segment.contributions[document]!);
  let useful = 0;
  for (const [owner, documents] of own) {
    const asked = wanted.get(owner);
    if (asked === undefined) continue;
    const isSame =
      asked.length === documents.length &&
      asked.every(({ tokens }, place) => isSameTokens(tokens, documentTokens(segment, documents[place]!)));
    if (!isSame) return false;
    useful += asked.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);
  }
  return 2 * useful > segment.tokens.length;
};

const isNear = (left: StoredSegment | undefined, right: StoredSegment | undefined): boolean =>
  left !== undefined && right !== undefined && left.tokens.length < 2 * right.tokens.length;

const documentsOf = (segment: Segment, wanted: Wanted): readonly SpanDocument[] =>
  Array.from(segment.starts, (_, document) => ({
    contributionId: segment.contributions[document]!,
    tokens: documentTokens(segment, document),
  })).filter(({ contributionId }) => wanted.has(contributionId));

/** By contribution; a contribution's own stay as they are. */
const inOrder = (documents: readonly SpanDocument[]): readonly SpanDocument[] =>
  documents.toSorted((a, b) =>
    a.contributionId < b.contributionId ? -1 : Number(a.contributionId > b.contributionId),
  );
