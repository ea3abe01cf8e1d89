// A row as a set: of its shingles, or of its tokens each with how many times it stood there before, so that the Jaccard
// similarity of these sets is that of bags of tokens. Elements are 32-bit hashes: two of a row's few hundred are the same once in
// some hundred thousand rows, and on every machine.

type Tokens = ArrayLike<number>;

/** Each run of `length` tokens once; a shorter row is one shingle. */
export const shinglesOf = (tokens: Tokens, length: number): Set<number> => {
  const shingles = new Set<number>();
  for (let from = 0; from === 0 || from + length <= tokens.length; from++) {
    let hash = 0x811c9dc5;
    for (let at = from; at < Math.min(from + length, tokens.length); at++) hash = mixed(hash, tokens[at]!);
    shingles.add(hash);
  }
  return shingles;
};

/** Each token, once for each time that it stands there. */
export const bagOf = (tokens: Tokens): Set<number> => {
  const times = new Map<number, number>();
  const bag = new Set<number>();
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    const before = times.get(token) ?? 0;
    times.set(token, before + 1);
    bag.add(mixed(mixed(0x9e3779b9, token), before));
  }
  return bag;
};

/** The finaliser of MurmurHash3 over both (Appleby, 2011). */
const mixed = (hash: number, value: number): number => {
  let h = Math.imul(hash ^ Math.imul(value + 1, 0xcc9e2d51), 0x1b873593);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
