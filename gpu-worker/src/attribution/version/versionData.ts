import type { Hex } from '@openledger/protocol';
import type { AttributionRecord, Card } from '@openledger/protocol/attribution';
import type { GradientStore, Whitening } from '../influence/index.ts';
import type { SpanIndex } from '../spans/index.ts';

/** A contribution as the chain knows it; neither ever changes. */
export type KnownContribution = {
  readonly contentHash: Hex;
  /** Its account. */
  readonly contributor: Hex;
};

/** Everything that an answer of an adapter's version is attributed with: read, checked against its roots, and ready to score. */
export type VersionData = {
  readonly modelId: bigint;
  readonly version: number;
  /** Of the training record on chain, which names the attribution record, and of that one. */
  readonly manifestHash: Hex;
  readonly recordHash: Hex;
  readonly record: AttributionRecord;
  readonly cardHash: Hex;
  readonly card: Card;
  /** One row for each training row, then the foreign ones, of contribution 0. */
  readonly store: GradientStore;
  /** H of contributions' rows, copies left out, damped as the card says. */
  readonly whitening: Whitening;
  /** √(gᵀH⁻¹g) of each row of the store. */
  readonly norms: Float64Array;
  /** For each row of the store, the first row that is the same but for little: itself where none is. */
  readonly clusters: Uint32Array;
  readonly spans: SpanIndex;
  /** Of each contribution that has a row. */
  readonly contributions: ReadonlyMap<bigint, KnownContribution>;
};
