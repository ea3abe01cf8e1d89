import type { Segment } from './segment.ts';

/**
 * Whether a segment's order is that of its suffixes, in linear time: a permutation, and of suffixes that follow one another
 * either the first numbers rise, or they are alike and what comes after them is in order. Source: Burkhardt and Kärkkäinen,
 * Fast Lightweight Suffix Array Construction and Checking, 2003.
 */
export const isInOrder = ({ tokens, order }: Segment): boolean => {
  const { length } = tokens;
  if (order.length !== length) return false;
  // Where a suffix stands in the order; the empty one, after the last, is before all others.
  const places = new Uint32Array(length + 1);
  for (let place = 0; place < length; place++) {
    const suffix = order[place]!;
    if (suffix >= length || places[suffix] !== 0) return false;
    places[suffix] = place + 1;
  }
  for (let place = 1; place < length; place++) {
    const [left, right] = [order[place - 1]!, order[place]!];
    const [own, next] = [tokens[left]!, tokens[right]!];
    if (own > next || (own === next && places[left + 1]! >= places[right + 1]!)) return false;
  }
  return true;
};
