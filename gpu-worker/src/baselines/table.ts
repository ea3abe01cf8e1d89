/** The n-grams of one length: each is a shorter one, by its index, and the token behind it. Exact: no two share an entry. */
export type Table = {
  size: () => number;
  /** The n-gram's index, or -1. */
  find: (prefix: number, token: number) => number;
  /** The n-gram's index; a new one is put at the end. */
  put: (prefix: number, token: number) => number;
  prefixOf: (index: number) => number;
  readonly counts: { get: (index: number) => number; add: (index: number) => void };
};

/** @param hint entries to have room for at first; the table doubles when it is full. */
export const createTable = (hint = 1_024): Table => {
  let capacity = Math.max(16, 2 ** Math.ceil(Math.log2(hint)));
  let prefixes = new Int32Array(capacity);
  let tokens = new Int32Array(capacity);
  let counts = new Uint32Array(capacity);
  let slots = new Int32Array(capacity * 2).fill(-1);
  let size = 0;

  const slotOf = (prefix: number, token: number): number => {
    const mask = slots.length - 1;
    let slot = mix(Math.imul(prefix, 0x9e3779b1) ^ Math.imul(token, 0x85ebca6b)) & mask;
    for (;;) {
      const index = slots[slot]!;
      if (index === -1 || (prefixes[index] === prefix && tokens[index] === token)) return slot;
      slot = (slot + 1) & mask;
    }
  };
  const grow = () => {
    capacity *= 2;
    prefixes = extended(prefixes, new Int32Array(capacity));
    tokens = extended(tokens, new Int32Array(capacity));
    counts = extended(counts, new Uint32Array(capacity));
    slots = new Int32Array(capacity * 2).fill(-1);
    for (let index = 0; index < size; index++) slots[slotOf(prefixes[index]!, tokens[index]!)] = index;
  };
  return {
    size: () => size,
    find: (prefix, token) => slots[slotOf(prefix, token)]!,
    put: (prefix, token) => {
      const slot = slotOf(prefix, token);
      const known = slots[slot]!;
      if (known !== -1) return known;
      slots[slot] = size;
      prefixes[size] = prefix;
      tokens[size] = token;
      if (++size === capacity) grow();
      return size - 1;
    },
    prefixOf: (index) => prefixes[index]!,
    counts: {
      get: (index) => counts[index]!,
      add: (index) => {
        counts[index]!++;
      },
    },
  };
};

const extended = <Values extends Int32Array | Uint32Array>(from: Values, to: Values): Values => {
  to.set(from);
  return to;
};

/** The finalizer of MurmurHash3. */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
