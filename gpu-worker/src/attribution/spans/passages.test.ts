import fc from 'fast-check';
import { expect, it } from 'vitest';
import { passagesOf } from './passages.ts';
import { buildSegment } from './segment.ts';
import { countTokens, surpriseOf } from './unigrams.ts';

const vocabSize = 6;
const ofOne = (tokens: Uint32Array) => ({ contributionId: 1n, tokens });
const everywhere = () => true;

const naive = (
  texts: readonly (readonly number[])[],
  answer: readonly number[],
  beginsWord: (place: number) => boolean,
) => {
  const stands = (from: number, to: number) =>
    texts.some((text) =>
      text.some((_, at) => answer.slice(from, to).every((token, offset) => text[at + offset] === token)),
    );
  const all: [number, number][] = [];
  for (let from = 0; from < answer.length; from++) {
    for (let to = from + 1; to <= answer.length; to++) {
      if (beginsWord(from) && beginsWord(to) && stands(from, to)) all.push([from, to]);
    }
  }
  return all.filter(([from, to]) => !all.some(([a, b]) => a <= from && b >= to && b - a > to - from));
};

it('are all passages of whole words that stand in a document and are in no longer one, whatever the segments', () => {
  const texts = fc.array(fc.array(fc.nat(3), { maxLength: 16 }), { minLength: 1, maxLength: 5 });
  const answers = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      texts,
      answers,
      fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }),
      fc.nat(5),
      (documents, answer, words, cut) => {
        const beginsWord = (place: number) => place === answer.length || words[place]!;
        const arrays = documents.map((document) => Uint32Array.from(document));
        const segments = [arrays.slice(0, cut), arrays.slice(cut)].map((part) =>
          buildSegment(part.map(ofOne), vocabSize),
        );
        const surprise = surpriseOf(countTokens(arrays, vocabSize));
        const spans = passagesOf(Uint32Array.from(answer), { segments, surprise, beginsWord, perMille: 1_000 });
        expect(spans.map(({ from, to }) => [from, to])).toEqual(naive(documents, answer, beginsWord));
      },
    ),
    { numRuns: 400 },
  );
});

it('are kept by how surprising they are, one for each twenty tokens', () => {
  const common = Uint32Array.from({ length: 200 }, () => 1);
  const rare = Uint32Array.of(2, 3, 4);
  const segments = [buildSegment([common, rare].map(ofOne), vocabSize)];
  const surprise = surpriseOf(countTokens([common, rare], vocabSize));
  const answer = Uint32Array.of(1, 1, 1, 5, 2, 3, 4, 5, 1, 1, 5);
  const spans = passagesOf(answer, { segments, surprise, beginsWord: everywhere });
  expect(spans).toEqual([{ from: 4, to: 7, surprise: 3 * Math.round(1e6 * Math.log(203)) }]);
});

const fibonacci = (length: number): number[] => {
  let [short, long] = [[1], [1, 0]];
  while (long.length < length) [short, long] = [long, [...long, ...short]];
  return long.slice(0, length);
};

it.each<[string, number[][], number[]]>([
  [
    'one token again and again',
    [Array(60).fill(1), Array(37).fill(1)],
    [...Array(50).fill(1), 2, ...Array(70).fill(1)],
  ],
  [
    'two in turn',
    [Array.from({ length: 61 }, (_, at) => at % 2)],
    Array.from({ length: 80 }, (_, at) => (at * 3 + 1) % 2),
  ],
  ['Fibonacci words', [fibonacci(90), fibonacci(34).reverse()], fibonacci(120).slice(7)],
  [
    'repeats of repeats, with one token changed',
    [Array.from({ length: 81 }, (_, at) => (at % 3) + Number(at % 27 === 26))],
    Array.from({ length: 90 }, (_, at) => (at % 3) + Number(at % 9 === 8)),
  ],
  ['a document and its beginnings', Array.from({ length: 9 }, (_, at) => fibonacci(at * at)), fibonacci(64)],
])('are exact in texts that are made to be hard: %s', (_, documents, answer) => {
  const arrays = documents.map((document) => Uint32Array.from(document));
  const surprise = surpriseOf(countTokens(arrays, vocabSize));
  for (const cut of [0, 1, documents.length]) {
    const segments = [arrays.slice(0, cut), arrays.slice(cut)].map((part) => buildSegment(part.map(ofOne), vocabSize));
    const passages = passagesOf(Uint32Array.from(answer), {
      segments,
      surprise,
      beginsWord: everywhere,
      perMille: 1_000,
    });
    expect(passages.map(({ from, to }) => [from, to])).toEqual(naive(documents, answer, everywhere));
  }
});
