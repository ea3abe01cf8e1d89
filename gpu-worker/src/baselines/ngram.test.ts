import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trainNgrams } from './ngram.ts';

const probabilities = (bits: Float64Array) => Array.from(bits, (each) => 2 ** -each);

test('probabilities are those worked out by hand', () => {
  // Bigrams of ^ a b a c: ^a ab ba ac, each once. Different tokens before a: 2, before b: 1, before c: 1. There is nothing
  // to estimate discounts from, so they are 0.5, 1, 1.5.
  const [a, b, c] = [0, 1, 2];
  const model = trainNgrams([[a, b, a, c]], { order: 2, vocabSize: 3 });
  expect(model.seen).toEqual([4, 4]);
  const ofA = (2 - 1 + 2 / 3) / 4;
  const ofB = (1 - 0.5 + 2 / 3) / 4;
  const found = probabilities(model.bits([a, b, b]));
  const expected = [1 - 0.5 + 0.5 * ofA, (1 - 0.5 + 1 * ofB) / 2, (0 + 0.5 * ofB) / 1];
  expect(found[0]).toBeCloseTo(17 / 24, 12);
  for (const [i, each] of expected.entries()) expect(found[i]).toBeCloseTo(each, 12);
});

const vocabSize = 4;
const document = fc.array(fc.nat(vocabSize - 1), { maxLength: 30 });
const documents = fc.array(document, { minLength: 1, maxLength: 12 });

test('what may come next has probability one in all, after any beginning', () => {
  fc.assert(
    fc.property(documents, document, fc.integer({ min: 1, max: 5 }), (trained, beginning, order) => {
      const model = trainNgrams(trained, { order, vocabSize });
      let sum = 0;
      for (let next = 0; next < vocabSize; next++) sum += 2 ** -model.bits([...beginning, next]).at(-1)!;
      expect(sum).toBeCloseTo(1, 9);
    }),
  );
});

test('probabilities are those of the formulas written down plainly', () => {
  fc.assert(
    fc.property(documents, document, fc.integer({ min: 1, max: 4 }), (trained, asked, order) => {
      const found = probabilities(trainNgrams(trained, { order, vocabSize }).bits(asked));
      const plain = plainModel(trained, order);
      for (let i = 0; i < asked.length; i++) {
        const before: Token[] = order === 1 ? [] : (['^', ...asked.slice(0, i)] as Token[]).slice(1 - order);
        expect(found[i]).toBeCloseTo(plain(before, asked[i]!), 9);
      }
    }),
    { numRuns: 50 },
  );
});

type Token = number | '^';

/** Modified Kneser-Ney by the book, slowly: every count is found by looking through all n-grams. */
function plainModel(trained: readonly (readonly Token[])[], order: number) {
  const gramsOf = (length: number) =>
    trained.flatMap((one) => {
      const tokens: Token[] = ['^', ...one];
      return tokens.flatMap((_, i) => {
        const gram = tokens.slice(i, i + length);
        return gram.length === length && gram.at(-1) !== '^' ? [gram] : [];
      });
    });
  const counts = Array.from({ length: order + 1 }, (_, length) => {
    const found = new Map<string, number>();
    if (length === 0) return found;
    const isCounted = (gram: readonly Token[]) => length === order || gram[0] === '^';
    const add = (gram: readonly Token[]) => found.set(gram.join(), (found.get(gram.join()) ?? 0) + 1);
    for (const gram of gramsOf(length)) if (isCounted(gram)) add(gram);
    const longer = new Map(gramsOf(length + 1).map((gram) => [gram.join(), gram]));
    for (const gram of longer.values()) if (!isCounted(gram.slice(1))) add(gram.slice(1));
    return found;
  });
  const discounts = counts.map((found) => {
    const times = (count: number) => [...found.values()].filter((each) => each === count).length;
    const y = times(1) / (times(1) + 2 * times(2));
    const all = [1, 2, 3].map((count) => count - ((count + 1) * y * times(count + 1)) / times(count));
    return all.every((each, i) => each >= 0 && each <= i + 1) ? all : [0.5, 1, 1.5];
  });
  const off = (length: number, count: number) => (count === 0 ? 0 : discounts[length]![Math.min(count, 3) - 1]!);
  const probability = (context: readonly Token[], token: Token, length = context.length + 1): number => {
    const shorter = length === 1 ? 1 / vocabSize : probability(context.slice(1), token);
    const after = Array.from({ length: vocabSize }, (_, next) => counts[length]!.get([...context, next].join()) ?? 0);
    const total = after.reduce((sum, count) => sum + count, 0);
    if (total === 0) return shorter;
    const count = counts[length]!.get([...context, token].join()) ?? 0;
    const left = after.reduce((sum, each) => sum + off(length, each), 0);
    return (count - off(length, count) + left * shorter) / total;
  };
  return probability;
}
