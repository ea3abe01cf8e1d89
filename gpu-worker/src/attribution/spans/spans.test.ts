import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import type { SpanDocument } from './documents.ts';
import { everywhere as beginsWord, document, indexOf, seed, settings } from './index.fixture.ts';
import { passagesOf } from './passages.ts';
import { spanScores } from './spanScores.ts';
import { spansOf, standingOf } from './spans.ts';

const holds = ({ tokens }: SpanDocument, passage: readonly number[]): boolean =>
  tokens.some((_, at) => passage.every((token, offset) => tokens[at + offset] === token));

const earlier = (a: SpanDocument, b: SpanDocument) => Number(a.contributionId - b.contributionId);

const documentsOf = (highest: number) =>
  fc.array(
    fc.record({
      contributionId: fc.bigInt({ min: 1n, max: 9n }),
      tokens: fc.array(fc.nat(highest), { maxLength: 14 }).map((tokens) => Uint32Array.from(tokens)),
    }),
    { minLength: 1, maxLength: 8 },
  );

it('stand in just as many different documents, and of just those, as a search of every place finds', () => {
  fc.assert(
    fc.property(documentsOf(3), fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), (texts, answer) => {
      const index = indexOf(texts);
      for (const { from, to } of passagesOf(Uint32Array.from(answer), { ...index, beginsWord, perMille: 1_000 })) {
        const tokens = answer.slice(from, to);
        const { frequency, documents: named } = standingOf(index, { from, to, tokens }, seed, settings);
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
  const texts = Array.from({ length: 40 }, (_, at) => document(40 - at, 1, 2, 3, 10 + at));
  const index = indexOf(texts);
  const drawn = (of: typeof seed | `0x${string}`) =>
    standingOf(index, { from: 0, to: 3, tokens: [1, 2, 3] }, of, { ...settings, documents: 4 });
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
  const others = document(99, ...Array.from({ length: 900 }, (_, at) => at + 100));
  const texts = [document(1, 1, 2, 3), document(2, 1, 2, 3, 4), document(3, 1, 2, 3, 5)];
  const copies = Array.from({ length: 20 }, (_, at) => document(10 + at, 1, 2, 3));
  const spans = (most: number) => {
    const index = indexOf([...texts, ...copies, others]);
    const found = spansOf(index, [1, 2, 3], { seed, settings: { ...settings, mostFrequent: most }, beginsWord });
    return { found, owners: spanScores(index, found, { answerTokens: 3 }).map(({ contributionId }) => contributionId) };
  };
  expect(spans(3)).toMatchObject({ found: [{ frequency: 3, documents: [0, 1, 2] }], owners: [1n] });
  expect(spans(2)).toMatchObject({ found: [{ frequency: 3, documents: [] }], owners: [] });
  expect(spans(1)).toMatchObject({ found: [{ frequency: 2, documents: [] }], owners: [] });
});

it('never hold ids that the tokenizer has not, the separator of documents least of all', () => {
  const index = indexOf([document(1, 1, 2, 7, 8), document(2, 3, 4, 5, 6)]);
  const answer = [1, 2, 7, 8, 1_000, 3, 4, 5, 6, 0xffff_ffff, 1, 2, 7, 8];
  const spans = spansOf(index, answer, { seed, settings, beginsWord });
  expect(spans.map(({ tokens }) => tokens)).toEqual([
    [1, 2, 7, 8],
    [3, 4, 5, 6],
    [1, 2, 7, 8],
  ]);
});

const copied = documentsOf(300).chain((texts) =>
  fc.record({
    texts: fc.constant(texts),
    // Passages of the documents, one after another, among other tokens.
    answer: fc
      .array(fc.record({ at: fc.nat(texts.length - 1), from: fc.nat(9), length: fc.integer({ min: 1, max: 9 }) }), {
        minLength: 1,
        maxLength: 4,
      })
      .map((parts) => parts.flatMap(({ at, from, length }) => [...texts[at]!.tokens.slice(from, from + length), 999])),
  }),
);

it('pay copies of an earlier passage nothing, whatever else the copies hold', () => {
  let paid = 0;
  fc.assert(
    fc.property(copied, fc.nat(9), ({ texts, answer }, extra) => {
      const copies = texts.map(({ contributionId, tokens }) => ({ contributionId: contributionId + 100n, tokens }));
      const twisted = texts.map(({ contributionId, tokens }) => ({
        contributionId: contributionId + 200n,
        tokens: Uint32Array.of(...tokens, 400 + extra),
      }));
      const index = indexOf([...texts, ...copies, ...twisted]);
      const spans = spansOf(index, answer, { seed, settings, beginsWord });
      const scores = spanScores(index, spans, { answerTokens: answer.length });
      expect(scores.filter(({ contributionId }) => contributionId > 100n)).toEqual([]);
      paid += scores.length;
    }),
    { numRuns: 200 },
  );
  expect(paid).toBeGreaterThan(100);
});

it('that stand there by mere chance are hardly ever found, and worth next to nothing', () => {
  const random = createRandom(11);
  const text = (length: number) => Array.from({ length }, () => random.below(200));
  const index = indexOf(Array.from({ length: 40 }, (_, at) => document(at + 1, ...text(60))));
  let [spans, score] = [0, 0n];
  for (let answer = 0; answer < 200; answer++) {
    const found = spansOf(index, text(40), { seed, settings, beginsWord });
    spans += found.length;
    for (const each of spanScores(index, found, { answerTokens: 40 })) score += each.score;
  }
  // Without the threshold there are two bigrams in each answer, of ten nats.
  expect(spans / 200).toBeLessThan(0.5);
  expect(Number(score) / 200).toBeLessThan(1_000_000);
});
