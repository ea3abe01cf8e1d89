// Which earlier rows may be as similar as asked, found without comparing all. Two sets with a Jaccard similarity of at least t have at
// least o = ⌈t|x|⌉ elements in common, so, both in one order of elements, at least m of the first |x| − o + m of either (Bayardo,
// Ma, Srikant, "Scaling Up All Pairs Similarity Search", 2007, for m = 1; Wang, Li, Feng, "Can We Beat the Prefix Filtering?",
// 2012). In the order of rarity few rows have several of those in common, and only these are compared.

const million = 1_000_000;
/** How many elements rows must have in common among their rarest ones to be compared: more of them, fewer comparisons. */
const matches = 6;
/** So that a count and a hash are one exact number. */
const mostCounted = 2 ** 20;

export type Likeness = {
  /** The first row before this one, among those that `isCandidate`, that is at least so similar; `none` where there is none. */
  readonly firstLike: (row: number, isCandidate: Uint8Array, none: number) => number;
};

/** @param similarity ppm, above 0 */
export const likenessOf = (sets: readonly ReadonlySet<number>[], similarity: number): Likeness => {
  const elements = sets.reduce((sum, { size }) => sum + size, 0);
  /** Of a hash table of all elements: what falls together costs a comparison, and changes nothing. */
  const buckets = Math.min(2 ** 22, elements + 1);
  const bucketOf = (element: number): number => (element >>> 0) % buckets;
  const rows = inOrderOfRarity(sets, buckets, bucketOf);
  const leastCommon = (size: number) => Math.ceil((size * similarity) / million);
  const prefixOf = (size: number) => Math.min(size, size - leastCommon(size) + matches);
  const { starts, postings } = index(rows, prefixOf, buckets, bucketOf);
  const counts = new Uint16Array(rows.length);
  const met: number[] = [];
  return {
    firstLike: (row, isCandidate, none) => {
      const own = rows[row]!;
      const most = Math.min(row, none);
      for (const element of own.subarray(0, prefixOf(own.length))) {
        const bucket = bucketOf(element);
        const end = starts[bucket + 1]!;
        for (let place = starts[bucket]!; place < end; place++) {
          const other = postings[place]!;
          if (other >= most) break;
          if (isCandidate[other] === 1 && counts[other]!++ === 0) met.push(other);
        }
      }
      const needed = Math.min(matches, leastCommon(own.length));
      let first = none;
      for (const other of met) {
        const isNear = counts[other]! >= needed && other < first;
        counts[other] = 0;
        if (isNear && areLike(own, rows[other]!, similarity)) first = other;
      }
      met.length = 0;
      return first;
    },
  };
};

/** Each set's elements, rarest first, as count · 2³² + hash; the count is of all elements of the same bucket. */
const inOrderOfRarity = (
  sets: readonly ReadonlySet<number>[],
  buckets: number,
  bucketOf: BucketOf,
): readonly Float64Array[] => {
  const counts = new Uint32Array(buckets);
  for (const set of sets) for (const element of set) counts[bucketOf(element)]!++;
  return sets.map((set) =>
    Float64Array.from(set, (element) => Math.min(counts[bucketOf(element)]!, mostCounted) * 2 ** 32 + element).sort(),
  );
};

type BucketOf = (element: number) => number;

/** The rows that have an element of a bucket among their first ones, ascending. */
const index = (
  rows: readonly Float64Array[],
  prefixOf: (size: number) => number,
  buckets: number,
  bucketOf: BucketOf,
) => {
  const starts = new Uint32Array(buckets + 1);
  const each = (visit: (bucket: number, row: number) => void) =>
    rows.forEach((row, at) => {
      for (const element of row.subarray(0, prefixOf(row.length))) visit(bucketOf(element), at);
    });
  each((bucket) => starts[bucket + 1]!++);
  for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const postings = new Uint32Array(starts[buckets]!);
  const next = starts.slice();
  each((bucket, row) => {
    postings[next[bucket]!++] = row;
  });
  return { starts, postings };
};

/** Whether what both have is at least `similarity` ppm of what either has. */
const areLike = (a: Float64Array, b: Float64Array, similarity: number): boolean => {
  // |a ∩ b| / (|a| + |b| − |a ∩ b|) ≥ t
  const needed = Math.ceil((similarity * (a.length + b.length)) / (million + similarity));
  let common = 0;
  let [at, to] = [0, 0];
  while (at < a.length && to < b.length) {
    if (common + Math.min(a.length - at, b.length - to) < needed) return false;
    const difference = a[at]! - b[to]!;
    if (difference === 0) common++;
    if (difference <= 0) at++;
    if (difference >= 0) to++;
  }
  return common >= needed;
};
