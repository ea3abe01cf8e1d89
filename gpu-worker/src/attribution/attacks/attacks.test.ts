import { splitFee, startingFeeSplit } from '@openledger/protocol';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createRandom, type Random } from '../../factory/index.ts';
import { type Document, earnings, honest, noise, topicText, vocabulary } from './world.fixture.ts';

// What is said in docs/attribution.md of each attack is what is tried here. Earnings are ppm of the contributors' part.

const attacker = 99;
const documents = honest();
let random: Random;
beforeEach(() => {
  random = createRandom(77);
});
const times = (count: number, make: (at: number) => readonly number[], by = attacker): readonly Document[] =>
  Array.from({ length: count }, (_, at) => ({ by, tokens: make(at) }));

/** Every fifth pair of words changes places. */
const swapped = (tokens: readonly number[]): number[] => {
  const from = random.below(5);
  return tokens.map(
    (token, at) =>
      (at % 5 === from ? tokens[at + 1] : at % 5 === (from + 1) % 5 && at > from ? tokens[at - 1] : token) ?? token,
  );
};
const replaced = (tokens: readonly number[], words: number): number[] => {
  const text = [...tokens];
  for (let at = 0; at < words; at++) text[random.below(text.length)] = random.below(vocabulary);
  return text;
};

const earned = async (more: readonly Document[], by = attacker): Promise<number> =>
  (await earnings([...documents, ...more])).get(by) ?? 0;

/** What an honest account earns with ten documents, mean, where nobody attacks. */
let usual: number;
let peace: ReadonlyMap<number, number>;
beforeAll(async () => {
  peace = await earnings(documents);
  usual = peace.values().reduce((sum, ppm) => sum + ppm, 0) / peace.size;
});

test('honest accounts are paid, each about as much as others, and answers that have nothing to do with anybody pay nobody', async () => {
  expect(peace.size).toBe(6);
  for (const ppm of peace.values()) expect(ppm).toBeGreaterThan(usual / 2);
  const unrelated = await earnings(documents, { of: Array.from({ length: 10 }, () => noise(random, 32)) });
  expect(unrelated.values().reduce((sum, ppm) => sum + ppm, 0)).toBeLessThan(20_000);
});

test.each([
  1, 20, 100,
])('%i copies of one’s own row, exact, with words swapped or some replaced, earn no more than none', async (count) => {
  const own = times(4, () => topicText(0, random));
  const [one] = own;
  const without = await earned(own);
  expect(without).toBeGreaterThan(usual / 5);
  for (const copy of [() => one!.tokens, () => swapped(one!.tokens), () => replaced(one!.tokens, 4)]) {
    const copies = await earned([...own, ...times(count, copy)]);
    expect(copies / without).toBeLessThanOrEqual(1.05);
    // Nor much less: an honest account that sends something twice is not punished.
    expect(copies / without).toBeGreaterThan(0.8);
  }
});

test.each([
  1, 20, 100,
])('%i copies of somebody else’s row earn nothing, and take nothing from whoever had it first', async (count) => {
  const [victim] = documents;
  for (const copy of [() => victim!.tokens, () => swapped(victim!.tokens), () => replaced(victim!.tokens, 4)]) {
    const found = await earnings([...documents, ...times(count, copy)]);
    expect(found.get(attacker) ?? 0).toBeLessThan(usual / 1_000);
    expect(found.get(victim!.by)! / peace.get(victim!.by)!).toBeGreaterThan(0.95);
  }
});

test('a paraphrase with a third of its words replaced at random is a text of its own, and earns a small part of an honest one', async () => {
  const paraphrases = times(100, (at) => replaced(documents[at % documents.length]!.tokens, 16));
  expect((await earned(paraphrases)) / 100).toBeLessThan((usual / 10) * 0.25);
});

test('ten contributions, or ten accounts, earn what one does; a cap would pay for dividing', async () => {
  const mine = documents.filter(({ by }) => by === 1);
  const divided = (by: (at: number) => number, isOne: boolean) =>
    documents.map((document, at): Document => {
      const place = mine.indexOf(document);
      const contribution = isOne && place >= 0 ? 1_000n : BigInt(at + 1);
      return { ...document, contribution, by: place < 0 ? document.by : by(place) };
    });
  const ways = [divided(() => 1, true), divided(() => 1, false), divided((place) => 100 + place, false)];
  const earn = (algorithm: typeof startingAlgorithm) =>
    Promise.all(
      ways.map(async (way) => {
        const found = await earnings(way, { algorithm });
        return found.entries().reduce((sum, [by, ppm]) => (by === 1 || by >= 100 ? sum + ppm : sum), 0);
      }),
    );
  const [one, contributions, accounts] = await earn(startingAlgorithm);
  expect(Math.abs(contributions! - one!)).toBeLessThan(20);
  expect(Math.abs(accounts! - one!)).toBeLessThan(20);
  const capped = await earn({ ...startingAlgorithm, caps: { contribution: 400_000, account: 600_000 } });
  expect(capped[0]!).toBeLessThan(capped[1]!);
  expect(capped[1]!).toBeLessThan(capped[2]!);
});

test.each([
  10, 100, 300,
])('a flood of %i texts of noise, of few words, or of one word earns little, and each text next to nothing', async (count) => {
  const floods = [
    () => noise(random),
    () => Array.from({ length: 48 }, () => random.below(20)),
    (at: number) => Array.from({ length: 48 }, (_, place) => (place % 2 ? 7 * at : 11 * at + 3) % vocabulary),
  ];
  for (const flood of floods) {
    const found = await earned(times(count, flood));
    expect(found / count).toBeLessThan((usual / 10) * 0.2);
    expect(found).toBeLessThan(Math.max(usual * 3, 20_000));
  }
});

test('a row that is extreme for its own sake is worth no more than an ordinary one', async () => {
  const outlier = times(1, () => Array.from({ length: 48 }, (_, at) => (at % 2 ? 191 : 190)));
  expect(await earned(outlier)).toBeLessThan(usual / 10);
});

test.each([
  1, 10, 100,
])('%i documents with a trigger phrase earn for answers with what the trigger brings, and from nobody else’s', async (count) => {
  const [trigger, payload] = [noise(random, 4), noise(random, 20)];
  const poison = times(count, () => [...noise(random, 24), ...trigger, ...payload]);
  expect(await earned(poison)).toBeLessThan(usual / 5);
  const found = await earnings([...documents, ...poison], { of: [[...trigger, ...payload]] });
  expect(found.get(attacker)).toBeGreaterThan(300_000);
});

test('whoever pays for answers to be paid for them loses on each, whatever parts of the fee are its own', () => {
  for (const budget of [10n ** 18n, 10n ** 19n, 10n ** 20n]) {
    for (const hasStakers of [true, false]) {
      const { platform, model, worker, stakers, contributors } = splitFee(budget, startingFeeSplit, hasStakers);
      // A contributor who asks; one whose linked wallets own the model and the worker as well, and all that is staked.
      expect(Number((contributors * 1_000n) / budget) / 1_000).toBeLessThanOrEqual(0.35);
      const all = contributors + model + worker + stakers;
      expect(budget - all).toBe(platform);
      expect(Number((all * 1_000n) / budget) / 1_000).toBeLessThanOrEqual(0.95);
    }
  }
});
