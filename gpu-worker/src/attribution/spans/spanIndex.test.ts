import { keccak256 } from 'ethers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isInOrder } from './checkOrder.ts';
import type { SpanDocument } from './documents.ts';
import { SpanError } from './errors.ts';
import { earliestOf, holdersOf } from './holders.ts';
import { everywhere as beginsWord, document, indexOf, seed, settings } from './index.fixture.ts';
import { passagesOf } from './passages.ts';
import { documentTokens } from './segment.ts';
import { createSpanIndex, type SpanIndex } from './spanIndex.ts';
import { encodeSpanIndex, openSpanIndex, spanIndexRoot } from './spanIndexFile.ts';
import { spansOf } from './spans.ts';

const reader =
  ({ segments }: ReturnType<typeof encodeSpanIndex>) =>
  async (hash: string) =>
    segments.find((segment) => segment.hash === hash)?.body;

it('finds the same spans from its files as when it was built, under the root that is the hash of its body', async () => {
  const index = indexOf([document(3, 1, 2, 3, 4), document(5, 1, 2, 3, 4), document(4, 0, 2, 3, 4, 5, 6)]);
  const answer = [9, 1, 2, 3, 4, 5, 6];
  const spans = spansOf(index, answer, { seed, settings, beginsWord });
  expect(spans).toEqual([
    { from: 1, to: 5, tokens: [1, 2, 3, 4], frequency: 1, documents: [0] },
    { from: 2, to: 7, tokens: [2, 3, 4, 5, 6], frequency: 1, documents: [1] },
  ]);
  const files = encodeSpanIndex(index);
  const again = await openSpanIndex(files.body, reader(files));
  expect([spanIndexRoot(index), spanIndexRoot(again)]).toEqual([keccak256(files.body), keccak256(files.body)]);
  expect(spansOf(again, answer, { seed, settings, beginsWord })).toEqual(spans);
});

const version = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });

/** What contribution `id` holds: the same in every version that has it. */
const documentsOf = (id: number): readonly SpanDocument[] =>
  Array.from({ length: 1 + (id % 3) }, (_, at) =>
    document(id, ...Array.from({ length: (id * 7 + at * 3) % 11 }, (_, place) => (id * (place + at + 1)) % 4)),
  );

/** Without numbers of documents, which depend on where the segments are. */
const found = (index: SpanIndex, answer: readonly number[]) =>
  passagesOf(Uint32Array.from(answer), { ...index, beginsWord, perMille: 1_000 }).map(({ from, to, surprise }) => {
    const holders = holdersOf(index, Uint32Array.from(answer.slice(from, to)), 100);
    const owners = holders.map((each) => index.contributionOf(each)).sort();
    return { from, to, surprise, owners, earliest: index.contributionOf(earliestOf(index, holders)) };
  });

it('grows from version to version, and loses what was revoked, to what it would be when built at once', () => {
  fc.assert(
    fc.property(
      fc.array(version, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
      (versions, answer) => {
        let index: SpanIndex | undefined;
        for (const ids of versions) {
          const documents = ids.flatMap(documentsOf);
          index = indexOf(documents, index);
          expect(found(index, answer)).toEqual(found(indexOf(documents), answer));
          expect(index.segments.every(isInOrder)).toBe(true);
        }
      },
    ),
    { numRuns: 150 },
  );
});

it('does not sort again what it has, and has few segments however many versions there were', () => {
  let index = indexOf([document(1, ...Array.from({ length: 1_000 }, (_, at) => at % 7))]);
  const first = index.segments[0];
  const documents = [document(1, ...documentTokens(first!, 0))];
  for (let id = 2; id <= 60; id++) {
    documents.push(document(id, id % 10, 1, 2));
    index = indexOf(documents, index);
    expect(index.segments[0]).toBe(first);
    expect(index.segments.length).toBeLessThanOrEqual(7);
  }
  expect(index.documents).toBe(60);
});

it('sorts anew what another tokenizer made, and documents that are not what they were', () => {
  const before = indexOf([document(1, 1, 2, 3)]);
  expect(indexOf([document(1, 1, 2, 4)], before).segments).toHaveLength(1);
  const other = createSpanIndex({ ...before, tokenizerHash: `0x${'8'.repeat(64)}` });
  expect(indexOf([document(1, 1, 2, 3)], other).segments[0]).not.toBe(before.segments[0]);
});

it.each<[string, () => unknown, string]>([
  [
    'tokens that no tokenizer has',
    () => indexOf([document(7, 3, 1_000)]),
    'Document 0, of contribution 7, holds token 1000',
  ],
  ['an owner that is none', () => indexOf([document(0, 3)]), 'has no owner'],
  [
    'one contribution in two segments',
    () => {
      const { segments, ...rest } = indexOf([document(1, 3)]);
      return createSpanIndex({ ...rest, segments: [...segments, ...segments] });
    },
    'repeats contribution 1',
  ],
])('refuses %s, and says which', (_, act, message) => {
  expect(act).toThrow(SpanError);
  expect(act).toThrow(message);
});

it('refuses files that are missing, exchanged, cut, or damaged in any byte', async () => {
  const files = encodeSpanIndex(indexOf([document(1, 3, 4), document(2, 5)]));
  const [segment] = files.segments;
  const opening = (body: Uint8Array, file?: Uint8Array) => openSpanIndex(body, async () => file);
  await expect(opening(files.body)).rejects.toThrow(`Segment 0 (${segment!.hash}) is not kept`);
  for (let at = 0; at < segment!.body.length; at++) {
    const damaged = Uint8Array.from(segment!.body);
    damaged[at]! ^= 1;
    await expect(opening(files.body, damaged)).rejects.toThrow(SpanError);
    await expect(opening(files.body, segment!.body.subarray(0, at))).rejects.toThrow(SpanError);
  }
  for (let at = 0; at < files.body.length; at++) {
    const damaged = Uint8Array.from(files.body);
    damaged[at]! ^= 1;
    const opened = await opening(damaged, segment!.body).catch((error) => error);
    // What is still an index is another one.
    if (opened instanceof Error) expect(opened).toBeInstanceOf(SpanError);
    else expect(spanIndexRoot(opened)).not.toBe(keccak256(files.body));
  }
});

it('reads a segment wherever its bytes begin in memory', async () => {
  const files = encodeSpanIndex(indexOf([document(1, 3, 4)]));
  for (let shift = 0; shift < 8; shift++) {
    const memory = new Uint8Array(files.segments[0]!.body.length + shift);
    memory.set(files.segments[0]!.body, shift);
    const index = await openSpanIndex(files.body, async () => memory.subarray(shift));
    expect(spanIndexRoot(index)).toBe(keccak256(files.body));
  }
});

it('tells whether suffixes are in order', () => {
  const [segment] = indexOf([document(1, 3, 4, 3, 4, 4), document(2, 3, 4)]).segments;
  expect(isInOrder(segment!)).toBe(true);
  for (let left = 0; left < segment!.order.length; left++) {
    for (let right = 0; right < left; right++) {
      const order = segment!.order.slice();
      [order[left], order[right]] = [order[right]!, order[left]!];
      expect(isInOrder({ ...segment!, order })).toBe(false);
    }
    const repeated = segment!.order.slice().fill(left, 0, 2);
    expect(isInOrder({ ...segment!, order: repeated })).toBe(false);
  }
});
