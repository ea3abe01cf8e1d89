import type { Hex } from '@openledger/protocol';
import type { Algorithm, AttributionRecord, Card, Evidence } from '@openledger/protocol/attribution';
import type { GradientStore, QuantisedQuery, Whitening } from '../influence/index.ts';
import type { Contribution, Scores } from '../shares/index.ts';

/** A version's data, as far as receipts are computed from it: what `openVersion` reads is one. */
export type Attributable = {
  readonly modelId: bigint;
  readonly version: number;
  readonly manifestHash: Hex;
  readonly record: AttributionRecord;
  readonly cardHash: Hex;
  readonly card: Card;
  readonly store: GradientStore;
  readonly whitening: Whitening;
  /** √(gᵀH⁻¹g) of each row of the store. */
  readonly norms: Float64Array;
  /** For each row of the store the first row that is the same but for little. */
  readonly clusters: Uint32Array;
  readonly contributions: ReadonlyMap<bigint, Contribution>;
};

type Spans = Evidence['spans'];

/** What receipts need of the span index of a version. */
export type SpanJudge = {
  /** Of each contribution, millionths of a nat of surprise that these spans say are its. */
  readonly scoresOf: (spans: Spans, algorithm: Algorithm) => Scores;
  /** What the index says otherwise: of places, occurrences, documents drawn by the seed; one line each, none when all is right. */
  readonly differencesOf: (
    spans: Spans,
    options: { readonly algorithm: Algorithm; readonly seed: Hex; readonly answerTokens: number },
  ) => readonly string[];
};

/** H⁻¹φ(q) · g of each row of the version's store: `scoreRows`, or a scorer that finds the same numbers faster. */
export type Score = (query: QuantisedQuery) => Float64Array | Promise<Float64Array>;
