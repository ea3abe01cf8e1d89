import { startingAlgorithm } from '@openledger/protocol/attribution';
import { buildSpanIndex } from './buildSpanIndex.ts';
import type { SpanDocument } from './documents.ts';
import type { SpanIndex } from './spanIndex.ts';

export const tokenizerHash = `0x${'7'.repeat(64)}` as const;
export const seed = `0x${'5'.repeat(64)}` as const;

/** Every passage is kept, and every document that holds it named. */
export const settings = { ...startingAlgorithm.spans, perMille: 1_000, documents: 100 };

export const everywhere = (): boolean => true;

export const document = (contributionId: number, ...tokens: number[]): SpanDocument => ({
  contributionId: BigInt(contributionId),
  tokens: Uint32Array.from(tokens),
});

/** Of tokens below 1,000. */
export const indexOf = (documents: readonly SpanDocument[], before?: SpanIndex): SpanIndex =>
  buildSpanIndex({ documents, tokenizerHash, vocabSize: 1_000, ...(before === undefined ? {} : { before }) });
