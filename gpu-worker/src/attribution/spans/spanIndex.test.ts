import { startingAlgorithm } from '@openledger/protocol/attribution';
import { keccak256 } from 'ethers';
import { expect, it } from 'vitest';
import { buildSpanIndex } from './buildSpanIndex.ts';
import type { SpanDocument } from './documents.ts';
import { recheckSpans } from './recheckSpans.ts';
import { encodeSpanIndex, openSpanIndex, spanIndexRoot } from './spanIndexFile.ts';
import { spansOf } from './spans.ts';

const tokenizerHash = `0x${'7'.repeat(64)}` as const;
const seed = `0x${'5'.repeat(64)}` as const;
const settings = { ...startingAlgorithm.spans, perMille: 1_000, documents: 2 };
const beginsWord = () => true;

const document = (contributionId: number, ...tokens: number[]): SpanDocument => ({
  contributionId: BigInt(contributionId),
  tokens: Uint32Array.from(tokens),
});

const indexOf = (documents: readonly SpanDocument[], before?: ReturnType<typeof buildSpanIndex>) =>
  buildSpanIndex({ documents, tokenizerHash, vocabSize: 10, ...(before === undefined ? {} : { before }) });

it('finds the same spans from its files as when it was built, under the root that is the hash of its body', async () => {
  const index = indexOf([document(3, 1, 2, 3, 4), document(5, 1, 2, 3, 4), document(4, 0, 2, 3, 4, 5)]);
  const answer = [9, 1, 2, 3, 4, 5];
  const spans = spansOf(index, answer, { seed, settings, beginsWord });
  expect(spans).toEqual([
    { from: 1, to: 5, tokens: [1, 2, 3, 4], frequency: 1, documents: [0] },
    { from: 2, to: 6, tokens: [2, 3, 4, 5], frequency: 1, documents: [1] },
  ]);
  const { body, segments } = encodeSpanIndex(index);
  const again = await openSpanIndex(body, async (hash) => segments.find((segment) => segment.hash === hash)?.body);
  expect(spanIndexRoot(again)).toBe(keccak256(body));
  expect(spansOf(again, answer, { seed, settings, beginsWord })).toEqual(spans);
  expect(recheckSpans(again, spans, { seed, settings, answerTokens: answer.length })).toEqual([]);
});
