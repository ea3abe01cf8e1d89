/**
 * What each of several things adds to a worth, on average over all orders in which they could come: exact, from the worth of
 * each subset. All values together are the worth of all less that of none. Source: Shapley, A Value for n-Person Games, 1953.
 *
 * @param worths [2^n], of the subset whose members are the index's bits.
 * @example shapleyValues(Float64Array.of(0, 1, 1, 1)) // [0.5, 0.5]: two that say the same share what it is worth
 */
export const shapleyValues = (worths: Float64Array): Float64Array => {
  const count = Math.log2(worths.length);
  if (!Number.isInteger(count))
    throw new RangeError(`${worths.length} worths are not those of all subsets of anything`);
  // Of n!, the orders in which so many come before one: size! (n − size − 1)! / n!.
  const parts = new Float64Array(Math.max(1, count));
  for (let size = 0; size < count; size++) parts[size] = 1 / (count * choose(count - 1, size));
  return Float64Array.from({ length: count }, (_, one) => {
    let value = 0;
    for (let subset = 0; subset < worths.length; subset++) {
      if ((subset >> one) & 1) continue;
      value += parts[bits(subset)]! * (worths[subset | (1 << one)]! - worths[subset]!);
    }
    return value;
  });
};

const choose = (n: number, k: number): number => {
  let ways = 1;
  for (let at = 1; at <= k; at++) ways = (ways * (n - k + at)) / at;
  return ways;
};

const bits = (subset: number): number => {
  let count = 0;
  for (let rest = subset; rest > 0; rest &= rest - 1) count++;
  return count;
};
