import { checkDocuments, type SpanDocument } from './documents.ts';
import { suffixArray } from './suffixArray.ts';

/**
 * Documents that can be searched for any passage: their tokens one after another, each document followed by a separator that
 * is no token, and the suffix array over them. Eight bytes a token.
 */
export type Segment = {
  readonly tokens: Uint32Array;
  /** Where suffixes begin, in their order. */
  readonly order: Uint32Array;
  /** Where documents begin, ascending. */
  readonly starts: Uint32Array;
  /** Whose they are, by document. */
  readonly contributions: BigUint64Array;
};

/** The separator: no token, and the largest of all numbers. */
export const separatorOf = (vocabSize: number): number => vocabSize;

/** @throws SpanError for tokens that are not below `vocabSize`, owners that no contribution has, and too much of it. */
export const buildSegment = (documents: readonly SpanDocument[], vocabSize: number): Segment => {
  checkDocuments(documents, vocabSize);
  const length = documents.reduce((sum, document) => sum + document.tokens.length + 1, 0);
  const tokens = new Uint32Array(length);
  const starts = new Uint32Array(documents.length);
  let at = 0;
  for (const [index, document] of documents.entries()) {
    starts[index] = at;
    tokens.set(document.tokens, at);
    at += document.tokens.length;
    tokens[at++] = separatorOf(vocabSize);
  }
  const contributions = BigUint64Array.from(documents, ({ contributionId }) => contributionId);
  return { tokens, order: suffixArray(tokens, vocabSize + 1), starts, contributions };
};

/** A document's tokens, without its separator. */
export const documentTokens = ({ tokens, starts }: Segment, document: number): Uint32Array =>
  tokens.subarray(starts[document]!, (starts[document + 1] ?? tokens.length) - 1);

/** The document that a place in the tokens belongs to. */
export const documentAt = ({ starts }: Segment, place: number): number => {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** How many numbers a suffix has in common with the query from `from` on. */
const common = ({ tokens }: Segment, suffix: number, query: Uint32Array, from: number): number => {
  let length = 0;
  while (
    from + length < query.length &&
    suffix + length < tokens.length &&
    tokens[suffix + length] === query[from + length]
  )
    length++;
  return length;
};

/** The first place in the order whose suffix is not before the query's passage; `isAfter` counts suffixes that begin with it as before. */
const boundOf = (segment: Segment, query: Uint32Array, from: number, to: number, isAfter: boolean): number => {
  const { tokens, order } = segment;
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const suffix = order[middle]!;
    const length = Math.min(common(segment, suffix, query, from), to - from);
    const isBefore =
      length === to - from
        ? isAfter
        : suffix + length >= tokens.length || tokens[suffix + length]! < query[from + length]!;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Tokens of the longest passage of the query from `from` on that stands in the documents. */
export const longestMatch = (segment: Segment, query: Uint32Array, from: number): number => {
  const place = boundOf(segment, query, from, query.length, false);
  const around = [place - 1, place].filter((at) => at >= 0 && at < segment.order.length);
  return Math.max(0, ...around.map((at) => common(segment, segment.order[at]!, query, from)));
};

/** A passage's occurrences: a piece of the order, from `first` up to `end`. */
export type Occurrences = { readonly first: number; readonly end: number };

export const occurrencesOf = (segment: Segment, query: Uint32Array, from: number, to: number): Occurrences => ({
  first: boundOf(segment, query, from, to, false),
  end: boundOf(segment, query, from, to, true),
});
