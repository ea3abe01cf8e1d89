/** `count` blocks of `length` items stand one after the other from `start`, each the same as the first. */
export type Repeat = { readonly start: number; readonly length: number; readonly count: number };

/** Comparing every distance takes the square of the items. */
const mostItems = 20_000;
const mostLength = 1_000;

/**
 * The blocks that are repeated one after the other, as the layers of a model are: those that hide most come first, so that a
 * layer is not cut up for what is alike inside it. In the order of their starts; they do not overlap.
 */
export const findRepeats = (items: readonly string[], fewest = 8): readonly Repeat[] => {
  if (items.length > mostItems) return [];
  const ids = new Map<string, number>();
  const numbers = Int32Array.from(items, (item) => {
    const id = ids.get(item) ?? ids.size;
    ids.set(item, id);
    return id;
  });
  const find = (from: number, to: number): Repeat[] => {
    const best = longest(numbers, from, to);
    if (best === undefined || best.length * (best.count - 1) < fewest) return [];
    return [...find(from, best.start), best, ...find(best.start + best.length * best.count, to)];
  };
  return find(0, items.length);
};

const longest = (numbers: Int32Array, from: number, to: number): Repeat | undefined => {
  let best: Repeat | undefined;
  let hidden = 0;
  for (let length = 1; length <= Math.min(mostLength, (to - from) / 2); length++) {
    for (let at = from, run = 0; at + length < to; at++) {
      run = numbers[at] === numbers[at + length] ? run + 1 : 0;
      const count = Math.floor(run / length);
      if (count * length <= hidden) continue;
      hidden = count * length;
      best = { start: at + 1 - run, length, count: count + 1 };
    }
  }
  return best;
};
