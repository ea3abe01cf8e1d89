import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildSegment, documentAt, longestMatch, occurrencesOf } from './segment.ts';

const ofOne = (tokens: Uint32Array) => ({ contributionId: 1n, tokens });
const documents = fc.array(fc.array(fc.nat(3), { maxLength: 20 }), { minLength: 1, maxLength: 6 });
const query = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 });

/** Every place in every document where a passage stands. */
const naive = (texts: readonly (readonly number[])[], passage: readonly number[]): [document: number, at: number][] =>
  texts.flatMap((text, document) =>
    [...text.keys()]
      .filter((at) => passage.every((token, offset) => text[at + offset] === token))
      .map((at): [number, number] => [document, at]),
  );

it('finds the longest passages of a text in any documents, and all places where they stand, none across two', () => {
  fc.assert(
    fc.property(documents, query, (texts, asked) => {
      const segment = buildSegment(
        texts.map((text) => ofOne(Uint32Array.from(text))),
        4,
      );
      const tokens = Uint32Array.from(asked);
      for (let from = 0; from < asked.length; from++) {
        const length = longestMatch(segment, tokens, from);
        if (length > 0) expect(naive(texts, asked.slice(from, from + length))).not.toEqual([]);
        if (from + length < asked.length) expect(naive(texts, asked.slice(from, from + length + 1))).toEqual([]);
        const shorter = Math.max(1, length - 1);
        const { first, end } = occurrencesOf(segment, tokens, from, from + shorter);
        const found = Array.from(segment.order.subarray(first, end), (place) => {
          const document = documentAt(segment, place);
          return [document, place - segment.starts[document]!] as [number, number];
        });
        const inOrder = (a: [number, number], b: [number, number]) => a[0] - b[0] || a[1] - b[1];
        expect(found.toSorted(inOrder)).toEqual(naive(texts, asked.slice(from, from + shorter)));
      }
    }),
    { numRuns: 500 },
  );
});

it('has empty documents, and none at all', () => {
  expect(longestMatch(buildSegment([], 4), Uint32Array.of(1), 0)).toBe(0);
  const segment = buildSegment([new Uint32Array(0), Uint32Array.of(1), new Uint32Array(0)].map(ofOne), 4);
  expect([longestMatch(segment, Uint32Array.of(1, 1), 0), documentAt(segment, 1)]).toEqual([1, 1]);
});
