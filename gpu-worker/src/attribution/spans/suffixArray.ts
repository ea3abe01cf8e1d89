/**
 * The suffix array of a text: where its suffixes begin, in ascending order of the suffixes. In time and memory linear in the
 * text's length. Source: Nong, Zhang and Chan, Two Efficient Algorithms for Linear Time Suffix Array Construction, 2011 (SA-IS).
 *
 * @param text whole numbers below `alphabet`
 * @example suffixArray(Uint32Array.of(1, 0, 1, 0), 2) // [3, 1, 2, 0]
 */
export const suffixArray = (text: Uint32Array, alphabet: number): Uint32Array => {
  const { length } = text;
  const order = new Int32Array(length);
  if (length > 1) sortSuffixes(text, alphabet, order);
  return new Uint32Array(order.buffer);
};

type Numbers = Uint32Array | Int32Array;

const sortSuffixes = (text: Numbers, alphabet: number, order: Int32Array): void => {
  const isSmall = smallOnes(text);
  const buckets = bucketsOf(text, alphabet, isSmall);
  const marks = leftmostOf(isSmall);
  induce(text, isSmall, buckets, marks, order);
  if (marks.length < 2) return;
  const { names, count } = nameSubstrings(text, marks, order);
  if (count < marks.length) {
    // The marked suffixes are in the order of the text that their names make: half as long at most.
    const inner = new Int32Array(marks.length);
    sortSuffixes(names, count, inner);
    induce(
      text,
      isSmall,
      buckets,
      Int32Array.from(inner, (index) => marks[index]!),
      order,
    );
  } else {
    const sorted = new Int32Array(marks.length);
    for (const [index, name] of names.entries()) sorted[name] = marks[index]!;
    induce(text, isSmall, buckets, sorted, order);
  }
};

/** 1 where a suffix is smaller than the one after it. The last is larger than the empty one. */
const smallOnes = (text: Numbers): Uint8Array => {
  const isSmall = new Uint8Array(text.length);
  for (let at = text.length - 2; at >= 0; at--) {
    const [own, next] = [text[at]!, text[at + 1]!];
    isSmall[at] = own === next ? isSmall[at + 1]! : Number(own < next);
  }
  return isSmall;
};

/** Where the suffixes that begin with a number stand: first the larger ones, then the smaller ones. */
type Buckets = { readonly large: Int32Array; readonly small: Int32Array };

const bucketsOf = (text: Numbers, alphabet: number, isSmall: Uint8Array): Buckets => {
  const large = new Int32Array(alphabet + 1);
  const small = new Int32Array(alphabet + 1);
  for (let at = 0; at < text.length; at++) {
    if (isSmall[at] === 1) large[text[at]! + 1]!++;
    else small[text[at]!]!++;
  }
  for (let number = 0; number <= alphabet; number++) {
    small[number]! += large[number]!;
    if (number < alphabet) large[number + 1]! += small[number]!;
  }
  return { large, small };
};

/** Where smaller suffixes begin after larger ones. */
const leftmostOf = (isSmall: Uint8Array): Int32Array => {
  let count = 0;
  const isMark = (at: number) => isSmall[at] === 1 && isSmall[at - 1] === 0;
  for (let at = 1; at < isSmall.length; at++) if (isMark(at)) count++;
  const marks = new Int32Array(count);
  for (let at = 1, next = 0; at < isSmall.length; at++) if (isMark(at)) marks[next++] = at;
  return marks;
};

/** Puts all suffixes in the order that follows from the order of the marked ones. */
const induce = (
  text: Numbers,
  isSmall: Uint8Array,
  { large, small }: Buckets,
  marks: Int32Array,
  order: Int32Array,
): void => {
  const { length } = text;
  order.fill(-1);
  let next = small.slice();
  for (const mark of marks) order[next[text[mark]!]!++] = mark;
  next = large.slice();
  order[next[text[length - 1]!]!++] = length - 1;
  for (let place = 0; place < length; place++) {
    const before = order[place]! - 1;
    if (before >= 0 && isSmall[before] === 0) order[next[text[before]!]!++] = before;
  }
  next = large.slice();
  for (let place = length - 1; place >= 0; place--) {
    const before = order[place]! - 1;
    if (before >= 0 && isSmall[before] === 1) order[--next[text[before]! + 1]!] = before;
  }
};

/** Numbers the pieces between marks by their order, equal pieces alike. @returns the names in the order of the text. */
const nameSubstrings = (text: Numbers, marks: Int32Array, order: Int32Array) => {
  const places = new Int32Array(text.length).fill(-1);
  for (const [index, mark] of marks.entries()) places[mark] = index;
  const endOf = (index: number) => (index + 1 < marks.length ? marks[index + 1]! : text.length);
  const names = new Int32Array(marks.length);
  let name = -1;
  let last = -1;
  for (const suffix of order) {
    const index = places[suffix]!;
    if (suffix < 0 || index < 0) continue;
    if (last < 0 || !isSamePiece(text, suffix, endOf(index), marks[last]!, endOf(last))) name++;
    names[index] = name;
    last = index;
  }
  return { names, count: name + 1 };
};

/** Pieces reach to the next mark, which they include; the last one reaches to the end, and is like no other. */
const isSamePiece = (text: Numbers, left: number, leftEnd: number, right: number, rightEnd: number): boolean => {
  if (leftEnd - left !== rightEnd - right || leftEnd === text.length || rightEnd === text.length) return false;
  for (let at = 0; left + at <= leftEnd; at++) if (text[left + at] !== text[right + at]) return false;
  return true;
};
