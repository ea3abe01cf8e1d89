import type { Hex } from '@openledger/protocol';
import { isSameTokens } from './documents.ts';
import { SpanError } from './errors.ts';
import { documentTokens } from './segment.ts';
import type { StoredSegment } from './segmentFile.ts';
import { countTokens, type Surprise, surpriseOf } from './unigrams.ts';

/** Everything that a version was trained on, to be searched for passages. Documents are numbered through all segments. */
export type SpanIndex = {
  readonly tokenizerHash: Hex;
  readonly vocabSize: number;
  readonly segments: readonly StoredSegment[];
  /** Of tokens, among all that the version was trained on. */
  readonly surprise: Surprise;
  readonly documents: number;
  /** Without separators. */
  readonly tokens: number;
  /** The number of each segment's first document. */
  readonly offsets: readonly number[];
  /** For each document the earliest one with the same tokens. */
  readonly firsts: Uint32Array;
  readonly contributionOf: (document: number) => bigint;
};

export type SpanIndexParts = Pick<SpanIndex, 'tokenizerHash' | 'vocabSize' | 'segments'>;

/** @throws SpanError for a contribution whose documents are in two segments. */
export const createSpanIndex = ({ tokenizerHash, vocabSize, segments }: SpanIndexParts): SpanIndex => {
  const owners = new Set<bigint>();
  for (const [index, { contributions, hash }] of segments.entries()) {
    const own = new Set(contributions);
    for (const owner of own) {
      if (owners.has(owner)) throw new SpanError(`Segment ${index} (${hash}) repeats contribution ${owner}`);
      owners.add(owner);
    }
  }
  const offsets: number[] = [];
  let documents = 0;
  for (const { starts } of segments) {
    offsets.push(documents);
    documents += starts.length;
  }
  const contributionOf = (document: number): bigint => {
    let segment = segments.length - 1;
    while (segment > 0 && offsets[segment]! > document) segment--;
    const owner = segments[segment]?.contributions[document - offsets[segment]!];
    if (owner === undefined) throw new RangeError(`The index has documents 0 to ${documents - 1}, not ${document}`);
    return owner;
  };
  const texts = segments.flatMap((segment) => Array.from(segment.starts, (_, at) => documentTokens(segment, at)));
  const counts = countTokens(texts, vocabSize);
  return {
    tokenizerHash,
    vocabSize,
    segments,
    surprise: surpriseOf(counts),
    documents,
    tokens: counts.reduce((sum, count) => sum + count, 0),
    offsets,
    firsts: firstsOf(texts.map((tokens, document) => ({ document, tokens, owner: contributionOf(document) }))),
    contributionOf,
  };
};

type Held = { readonly document: number; readonly tokens: Uint32Array; readonly owner: bigint };

/** The earliest of equal documents: of the lowest contribution, and of its own the lowest. */
const firstsOf = (held: readonly Held[]): Uint32Array => {
  const firsts = new Uint32Array(held.length);
  const alike = new Map<number, Held[]>();
  const inOrder = held.toSorted((a, b) => (a.owner === b.owner ? a.document - b.document : a.owner < b.owner ? -1 : 1));
  for (const one of inOrder) {
    const key = digest(one.tokens);
    const known = alike.get(key) ?? [];
    const first = known.find(({ tokens }) => isSameTokens(tokens, one.tokens));
    firsts[one.document] = (first ?? one).document;
    if (first === undefined) alike.set(key, [...known, one]);
  }
  return firsts;
};

/** FNV-1a over whole tokens: equal documents have equal ones. */
const digest = (tokens: Uint32Array): number => {
  let hash = 0x811c9dc5;
  for (const token of tokens) hash = Math.imul(hash ^ token, 0x01000193);
  return hash >>> 0;
};
