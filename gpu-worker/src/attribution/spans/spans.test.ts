import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SpanDocument } from './documents.ts';
import { everywhere as beginsWord, document, indexOf, seed, settings } from './index.fixture.ts';
import { spanScores } from './spanScores.ts';
import { spansOf } from './spans.ts';

const holds = ({ tokens }: SpanDocument, passage: readonly number[]): boolean =>
  tokens.some((_, at) => passage.every((token, offset) => tokens[at + offset] === token));

const earlier = (a: SpanDocument, b: SpanDocument) => Number(a.contributionId - b.contributionId);

const documents = fc.array(
  fc.record({
    contributionId: fc.bigInt({ min: 1n, max: 9n }),
    tokens: fc.array(fc.nat(3), { maxLength: 14 }).map((tokens) => Uint32Array.from(tokens)),
  }),
  { minLength: 1, maxLength: 8 },
);

it('stand in just as many different documents, and of just those, as a search of every place finds', () => {
  fc.assert(
    fc.property(documents, fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), (texts, answer) => {
      const index = indexOf(texts);
      for (const { tokens, frequency, documents: named } of spansOf(index, answer, { seed, settings, beginsWord })) {
        const holders = texts.toSorted(earlier).filter((text) => holds(text, tokens));
        const different = new Map(holders.toReversed().map((text) => [text.tokens.join(), text.contributionId]));
        expect(frequency).toBe(different.size);
        const owners = named.map((each) => index.contributionOf(each));
        expect(owners.toSorted()).toEqual([...different.values()].sort());
      }
    }),
    { numRuns: 300 },
  );
});

it('name the earliest document that holds them, always, and others by the lot of the receipt', () => {
  const texts = Array.from({ length: 40 }, (_, at) => document(40 - at, 1, 2, 3, at % 10, Math.floor(at / 10)));
  const index = indexOf(texts);
  const drawn = (of: typeof seed | `0x${string}`) =>
    spansOf(index, [1, 2, 3], { seed: of, settings: { ...settings, documents: 4 }, beginsWord })[0]!;
  const seeds = Array.from({ length: 200 }, (_, at) => `0x${at.toString(16).padStart(64, '0')}` as const);
  const counts = new Map<number, number>();
  for (const each of seeds) {
    const { documents: named, frequency } = drawn(each);
    expect([named.length, frequency, new Set(named).size]).toEqual([4, 40, 4]);
    expect(named).toEqual(named.toSorted((a, b) => a - b));
    expect(named.map((one) => index.contributionOf(one))).toContain(1n);
    expect(drawn(each).documents).toEqual(named);
    for (const one of named) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  // Three of 39 by lot, 200 times: 15.4 each on average, and nobody hopelessly often or never.
  const lots = [...counts.values()].sort((a, b) => a - b);
  expect([lots.length, lots.at(-1)]).toEqual([40, 200]);
  expect(lots[0]).toBeGreaterThan(2);
  expect(lots.at(-2)).toBeLessThan(35);
});

it('are nobody’s when they stand in too many documents, exact copies of one aside', () => {
  const texts = [document(1, 1, 2, 3), document(2, 1, 2, 3, 4), document(3, 1, 2, 3, 5)];
  const copies = Array.from({ length: 20 }, (_, at) => document(10 + at, 1, 2, 3));
  const spans = (most: number) => {
    const index = indexOf([...texts, ...copies]);
    const found = spansOf(index, [1, 2, 3], { seed, settings: { ...settings, mostFrequent: most }, beginsWord });
    return { found, scores: spanScores(index, found).map(({ contributionId }) => contributionId) };
  };
  expect(spans(3)).toMatchObject({ found: [{ frequency: 3, documents: [0, 1, 2] }], scores: [1n] });
  expect(spans(2)).toMatchObject({ found: [{ frequency: 3, documents: [] }], scores: [] });
  expect(spans(1)).toMatchObject({ found: [{ frequency: 2, documents: [] }], scores: [] });
});

it('never hold ids that the tokenizer has not, the separator of documents least of all', () => {
  const index = indexOf([document(1, 1, 2), document(2, 3)]);
  const answer = [1, 2, 10, 3, 0xffff_ffff, 1];
  const spans = spansOf(index, answer, { seed, settings, beginsWord });
  expect(spans.map(({ tokens }) => tokens)).toEqual([[1, 2], [3], [1]]);
});

it('pay copies of an earlier passage nothing, whatever else the copies hold, and the first no less', () => {
  fc.assert(
    fc.property(documents, fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }), fc.nat(9), (texts, answer, extra) => {
      const copies = texts.map(({ contributionId, tokens }) => ({ contributionId: contributionId + 100n, tokens }));
      const twisted = texts.map(({ contributionId, tokens }) => ({
        contributionId: contributionId + 200n,
        tokens: Uint32Array.of(...tokens, 4 + (extra % 5)),
      }));
      const scores = (all: readonly SpanDocument[]) => {
        const index = indexOf(all);
        return spanScores(index, spansOf(index, answer, { seed, settings, beginsWord }));
      };
      // What holds every token as often, in proportion, changes no token's surprise.
      expect(scores([...texts, ...copies])).toEqual(scores(texts));
      const all = scores([...texts, ...copies, ...twisted]).map(({ contributionId }) => contributionId);
      expect(all.filter((contributionId) => contributionId > 100n)).toEqual([]);
      for (const { contributionId } of scores(texts)) expect(all).toContain(contributionId);
    }),
    { numRuns: 200 },
  );
});
