import { expect, it } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import { explained, lasso } from './lasso.ts';
import { type Mask, passageValues } from './passageValues.ts';

const seed = `0x${'4'.repeat(64)}` as const;

const additive = (weights: readonly number[], intercept: number) => (mask: Mask) =>
  mask.reduce((sum, kept, at) => sum + (kept ? weights[at]! : 0), intercept);

const over =
  (worth: (mask: Mask) => number) =>
  async (masks: readonly Mask[]): Promise<number[]> =>
    masks.map(worth);

it('are exact for up to eight passages, from each subset once', async () => {
  const seen = new Set<string>();
  const weights = [1.5, 0, -2, 0.25, 3, 0, 0, 0.125];
  const worth = additive(weights, -40);
  const { method, values } = await passageValues(8, seed, async (masks) => {
    for (const mask of masks) seen.add(mask.join());
    return masks.map(worth);
  });
  expect([method, seen.size]).toEqual(['shapley', 256]);
  expect(values).toEqual(weights.map((weight) => BigInt(1e6 * weight)));
});

it('of none are none', async () => {
  expect(
    await passageValues(
      0,
      seed,
      over(() => -3),
    ),
  ).toEqual({ method: 'shapley', values: [] });
});

it('of more are told from 40 masks that anybody draws again, those that help from those that do not', async () => {
  const weights = Array.from({ length: 14 }, (_, at) => (at === 3 ? 6 : at === 9 ? 2 : 0));
  const masksOf: Mask[][] = [];
  const run = () =>
    passageValues(14, seed, async (masks) => {
      masksOf.push([...masks]);
      return masks.map(additive(weights, -60));
    });
  const { method, fit, values } = await run();
  expect(method).toBe('regression');
  expect(fit).toBeGreaterThan(950_000);
  expect(Number(values[3]) / 1e6).toBeCloseTo(6, 0);
  expect(Number(values[9]) / 1e6).toBeCloseTo(2, 0);
  for (const [at, value] of values.entries()) if (at !== 3 && at !== 9) expect(Number(value)).toBeLessThan(300_000);
  expect(await run()).toEqual({ method, fit, values });
  expect(masksOf[0]).toHaveLength(40);
  expect(masksOf[1]).toEqual(masksOf[0]);
});

it('of a worth that no sum of passages foretells say how little they are to be believed', async () => {
  const random = createRandom(3);
  const { fit } = await passageValues(
    12,
    seed,
    over(() => random.normal()),
  );
  expect(fit).toBeLessThan(300_000);
  expect(
    (
      await passageValues(
        12,
        seed,
        over(() => -7),
      )
    ).fit,
  ).toBe(0);
});

it('the regression without a price is that of least squares, and with all of it none', () => {
  const masks = [
    [true, false],
    [false, true],
    [true, true],
    [false, false],
  ];
  const y = [3, 5, 9, 1];
  const { weights, intercept } = lasso(masks, y, 0);
  expect([...weights, intercept].map((value) => value.toFixed(6))).toEqual(['3.000000', '5.000000', '0.500000']);
  expect(explained({ weights, intercept }, masks, y)).toBeCloseTo(1 - 1 / 35, 9);
  expect([...lasso(masks, y, 1).weights]).toEqual([0, 0]);
});
