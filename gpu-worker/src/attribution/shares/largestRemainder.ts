/** A part of a whole that is divided: `tie` decides between equal remainders, the lower first. */
export type Part = { readonly amount: bigint; readonly tie: string };

/**
 * Whole units for parts of `amount / unit` units each: rounded down, and what is missing to `total` to the largest remainders, one each,
 * equal ones by their tie. A part without a remainder is never rounded up.
 *
 * @param total from the sum of all parts rounded down to that of all rounded up
 * @returns units, in the order of the parts
 */
export const largestRemainder = (parts: readonly Part[], unit: bigint, total: bigint): readonly bigint[] => {
  const units = parts.map(({ amount }) => amount / unit);
  const missing = Number(total - units.reduce((sum, of) => sum + of, 0n));
  const order = parts
    .map(({ amount, tie }, place) => ({ remainder: amount % unit, tie, place }))
    .filter(({ remainder }) => remainder > 0n)
    .sort((a, b) => compare(b.remainder, a.remainder) || compare(a.tie, b.tie));
  for (const { place } of order.slice(0, missing)) units[place]!++;
  return units;
};

export const compare = <Value extends bigint | string>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);
