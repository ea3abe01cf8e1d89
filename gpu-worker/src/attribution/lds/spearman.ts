/** Places from 1 by size; equal numbers share the mean of theirs. */
export const ranks = (values: ArrayLike<number>): Float64Array => {
  const order = Array.from(values, (_, at) => at).sort((left, right) => values[left]! - values[right]!);
  const found = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) found[order[at]!] = (from + to + 1) / 2;
  }
  return found;
};

/** Pearson's correlation; 0 where one side is the same everywhere. */
export const pearson = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  const [ofLeft, ofRight] = [mean(left), mean(right)];
  let [both, lefts, rights] = [0, 0, 0];
  for (let at = 0; at < left.length; at++) {
    const [x, y] = [left[at]! - ofLeft, right[at]! - ofRight];
    both += x * y;
    lefts += x * x;
    rights += y * y;
  }
  return lefts === 0 || rights === 0 ? 0 : both / Math.sqrt(lefts * rights);
};

/** Correlation of ranks, −1 to 1: whether one side orders as the other does. */
export const spearman = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  pearson(ranks(left), ranks(right));

const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
};
