import type { PastPart } from './graph.ts';

/**
 * Keys and values of one text, an array `[heads, room, head]` for each part; of its places the first `length` are taken and
 * the rest is of no meaning.
 */
export type PastRow = {
  readonly length: number;
  readonly room: number;
  readonly arrays: readonly Float32Array[];
  /** Another one whenever places that were taken have got other contents. */
  readonly stamp: symbol;
};

const smallestRoom = 64;

/**
 * Places for a text of so many tokens: 0, or 64, 128, 256, … up to `capacity`. It depends on nothing else, since places that
 * are not taken still decide in which order onnxruntime adds numbers up: rows of other lengths must not change what a row
 * computes.
 */
export const roomFor = (tokens: number, capacity: number): number => {
  const room = tokens === 0 ? 0 : Math.max(smallestRoom, 2 ** Math.ceil(Math.log2(tokens)));
  // The last place of all is never past; exports with tables of `capacity` places could not go on from it.
  return Math.max(tokens, Math.min(room, capacity - 1));
};

export const emptyRow = (parts: readonly PastPart[]): PastRow => ({
  length: 0,
  room: 0,
  arrays: parts.map(() => new Float32Array(0)),
  stamp: Symbol(),
});

/**
 * The row with more tokens, in the same arrays where they have room: the row that was given is used up.
 *
 * @param fresh for each part `[heads, places, head]`, of whose places the last `added` are the new tokens'.
 */
export const append = (
  row: PastRow,
  parts: readonly PastPart[],
  fresh: readonly Float32Array[],
  { added, capacity }: { added: number; capacity: number },
): PastRow => {
  const length = row.length + added;
  const grown = withRoom(row, parts, roomFor(length, capacity));
  for (const [index, { heads, head }] of parts.entries()) {
    const places = fresh[index]!.length / (heads * head);
    for (let h = 0; h < heads; h++) {
      const source = fresh[index]!.subarray(((h + 1) * places - added) * head, (h + 1) * places * head);
      grown.arrays[index]!.set(source, (h * grown.room + row.length) * head);
    }
  }
  return { ...grown, length };
};

/** The row without its tokens from `length` on. */
export const truncate = (row: PastRow, length: number): PastRow =>
  length >= row.length ? row : { ...row, length, stamp: Symbol() };

export const copyRow = (row: PastRow): PastRow => ({
  ...row,
  arrays: row.arrays.map((array) => array.slice()),
  stamp: Symbol(),
});

/** The row with its tokens in so many places. */
export const withRoom = (row: PastRow, parts: readonly PastPart[], room: number): PastRow => {
  if (room === row.room) return row;
  const arrays = parts.map(({ heads, head }, index) => {
    const array = new Float32Array(heads * room * head);
    copyPlaces(array, room, row.arrays[index]!, row.room, { heads, head, first: 0, end: row.length });
    return array;
  });
  return { ...row, room, arrays, stamp: Symbol() };
};

/** Copies places `first` to `end` of each head. */
export const copyPlaces = (
  into: Float32Array,
  intoRoom: number,
  from: Float32Array,
  fromRoom: number,
  { heads, head, first, end }: { heads: number; head: number; first: number; end: number },
): void => {
  for (let h = 0; h < heads; h++) {
    const source = from.subarray((h * fromRoom + first) * head, (h * fromRoom + end) * head);
    into.set(source, (h * intoRoom + first) * head);
  }
};
