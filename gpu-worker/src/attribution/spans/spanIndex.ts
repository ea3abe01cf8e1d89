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
  /** Contributions that segments hold and the version does not: revoked ones. Ascending. */
  readonly leftOut: readonly bigint[];
  /** Of tokens, among all that the version was trained on. */
  readonly surprise: Surprise;
  readonly documents: number;
  /** Of documents that are not left out. */
  readonly tokens: number;
  /** The number of each segment's first document. */
  readonly offsets: readonly number[];
  /** For each document the earliest one with the same tokens, `nobody` where it is left out. */
  readonly firsts: Uint32Array;
  readonly contributionOf: (document: number) => bigint;
};

/** Stands for no document. */
export const nobody = 0xffff_ffff;

export type SpanIndexParts = Pick<SpanIndex, 'tokenizerHash' | 'vocabSize' | 'segments' | 'leftOut'>;

/** @throws SpanError for a contribution whose documents are in two segments, and one left out that is in none. */
export const createSpanIndex = ({ tokenizerHash, vocabSize, segments, leftOut }: SpanIndexParts): SpanIndex => {
  const owners = new Set<bigint>();
  for (const [index, { contributions, hash }] of segments.entries()) {
    const own = new Set(contributions);
    for (const owner of own) {
      if (owners.has(owner)) throw new SpanError(`Segment ${index} (${hash}) repeats contribution ${owner}`);
      owners.add(owner);
    }
  }
  for (const [place, out] of leftOut.entries()) {
    if (!owners.has(out)) throw new SpanError(`Contribution ${out} is left out, and in no segment`);
    if (place > 0 && leftOut[place - 1]! >= out) throw new SpanError('What is left out must ascend, each once');
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
  const out = new Set(leftOut);
  const held = texts.map((tokens, document) => ({ document, tokens, owner: contributionOf(document) }));
  const live = held.filter(({ owner }) => !out.has(owner));
  return {
    tokenizerHash,
    vocabSize,
    segments,
    leftOut,
    surprise: surpriseOf(
      countTokens(
        live.map(({ tokens }) => tokens),
        vocabSize,
      ),
    ),
    documents,
    tokens: live.reduce((sum, { tokens }) => sum + tokens.length, 0),
    offsets,
    firsts: firstsOf(live, documents),
    contributionOf,
  };
};

type Held = { readonly document: number; readonly tokens: Uint32Array; readonly owner: bigint };

/** The earliest of equal documents: of the lowest contribution, and of its own the lowest. */
const firstsOf = (live: readonly Held[], documents: number): Uint32Array => {
  const firsts = new Uint32Array(documents).fill(nobody);
  const alike = new Map<number, Held[]>();
  const inOrder = live.toSorted((a, b) => (a.owner === b.owner ? a.document - b.document : a.owner < b.owner ? -1 : 1));
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
