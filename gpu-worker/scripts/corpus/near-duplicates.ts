/** Hash functions for each text, in bands of rows: 16 bands of 4 find a pair of similarity 0.7 with probability 0.99. */
const bands = 16;
const rows = 4;

export type NearDuplicateOptions = {
  /** Words in a row that texts are compared by. */
  shingleWords: number;
  /** Jaccard similarity from which two texts are nearly the same. */
  threshold: number;
};

/**
 * Tells whether a text is nearly one that it was asked about before: MinHash (Broder 1997) over shingles of words, with
 * candidates from bands, compared by estimated Jaccard similarity.
 */
export const createNearDuplicates = ({
  shingleWords,
  threshold,
}: NearDuplicateOptions): ((text: string) => boolean) => {
  const known = new Map<number, Uint32Array[]>();
  return (text) => {
    const signature = signatureOf(text, shingleWords);
    const keys = Array.from({ length: bands }, (_, band) => bandKey(signature, band));
    const isNear = keys.some((key) => known.get(key)?.some((other) => similarity(signature, other) >= threshold));
    if (isNear) return true;
    for (const key of keys) {
      const same = known.get(key);
      if (same === undefined) known.set(key, [signature]);
      else same.push(signature);
    }
    return false;
  };
};

const signatureOf = (text: string, shingleWords: number): Uint32Array => {
  const words = (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map(hash);
  const signature = new Uint32Array(bands * rows).fill(0xffffffff);
  for (let start = 0; start === 0 || start + shingleWords <= words.length; start++) {
    let shingle = 0;
    for (let i = start; i < Math.min(start + shingleWords, words.length); i++) shingle = mix(shingle ^ words[i]!);
    for (let i = 0; i < signature.length; i++) {
      const value = mix(shingle ^ Math.imul(i + 1, 0x9e3779b1));
      if (value < signature[i]!) signature[i] = value;
    }
  }
  return signature;
};

const bandKey = (signature: Uint32Array, band: number): number => {
  let key = band;
  for (let row = 0; row < rows; row++) key = mix(key ^ signature[band * rows + row]!);
  // Bands do not share keys.
  return key * bands + band;
};

const similarity = (a: Uint32Array, b: Uint32Array): number => {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length;
};

/** FNV-1a. */
const hash = (word: string): number => {
  let value = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 0x01000193);
  return value >>> 0;
};

/** The finalizer of MurmurHash3. */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
