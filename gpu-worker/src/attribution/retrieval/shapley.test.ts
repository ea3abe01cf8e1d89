import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shapleyValues } from './shapley.ts';

const permutations = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((one) => permutations(items.filter((other) => other !== one)).map((rest) => [one, ...rest]));

/** Over every order in which they could come. */
const naive = (worths: Float64Array): number[] => {
  const count = Math.log2(worths.length);
  const orders = permutations([...Array(count).keys()]);
  const values = new Array<number>(count).fill(0);
  for (const order of orders) {
    let subset = 0;
    for (const one of order) {
      values[one]! += (worths[subset | (1 << one)]! - worths[subset]!) / orders.length;
      subset |= 1 << one;
    }
  }
  return values;
};

const worths = fc
  .integer({ min: 0, max: 5 })
  .chain((count) =>
    fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2 ** count, maxLength: 2 ** count }),
  )
  .map((values) => Float64Array.from(values));

it('are what each adds on average over all orders, and together what all are worth', () => {
  fc.assert(
    fc.property(worths, (given) => {
      const values = [...shapleyValues(given)];
      for (const [at, expected] of naive(given).entries()) expect(values[at]).toBeCloseTo(expected, 9);
      const sum = values.reduce((all, value) => all + value, 0);
      expect(sum).toBeCloseTo(given.at(-1)! - given[0]!, 9);
    }),
    { numRuns: 300 },
  );
});

it('of passages that say the same are equal, where leaving out one alone would show nothing', () => {
  // Any of three is as good as all.
  const same = Float64Array.from({ length: 8 }, (_, subset) => (subset === 0 ? -9 : -3));
  expect([...shapleyValues(same)].map((value) => value.toFixed(6))).toEqual(['2.000000', '2.000000', '2.000000']);
});

it('refuse worths that are not of all subsets', () => {
  expect(() => shapleyValues(new Float64Array(3))).toThrow('3 worths are not those of all subsets');
});
