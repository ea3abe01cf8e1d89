import { type DecoderConfig, headSize } from '../../../base/index.ts';

/** Places for keys and values are made longer and shorter by so many tokens. */
const step = 64;

/**
 * Keys and values of all rows: for each layer keys `[rows, heads, head, places]` and values `[rows, heads, places, head]`, so
 * that the rows that run are one piece of memory. All rows have as many places as the longest needs.
 */
export type Cache = {
  /** Places of each row now: a multiple of 64. */
  readonly places: () => number;
  /** Makes room for so many tokens in each row, and gives room back that is not needed by far. */
  readonly fit: (tokens: number, lengths: readonly number[]) => void;
  /** Keeps the new keys and values `[sequence, layers · 2 · width]` of a row from place `at`. */
  readonly write: (row: number, at: number, fresh: Float32Array) => void;
  readonly copy: (from: number, to: number, length: number) => void;
  /** Layer by layer what `rows` rows from `first` on have; where it lies. */
  readonly views: (
    first: number,
    rows: number,
  ) => readonly { readonly keys: Float32Array; readonly values: Float32Array }[];
};

export const createCache = (config: DecoderConfig, { rows, capacity }: { rows: number; capacity: number }): Cache => {
  const [layers, heads, head] = [config.num_hidden_layers, config.num_attention_heads, headSize(config)];
  const width = heads * head;
  const most = Math.ceil(capacity / step) * step;
  const make = () => new Float32Array(rows * width * most);
  const keys = Array.from({ length: layers }, make);
  const values = Array.from({ length: layers }, make);
  let places = step;

  /** Moves every row's tokens to where they are with `next` places. */
  const lay = (next: number, lengths: readonly number[]) => {
    const order = [...lengths.keys()];
    // Growing moves everything up, so the last goes first.
    if (next > places) order.reverse();
    for (const array of keys)
      for (const row of order) moveLines(array, row * width, width, lengths[row]!, places, next);
    for (const array of values) {
      for (const row of order) moveLines(array, row * heads, heads, lengths[row]! * head, places * head, next * head);
    }
    places = next;
  };

  return {
    places: () => places,
    fit: (tokens, lengths) => {
      const needed = Math.min(most, Math.max(step, Math.ceil(tokens / step) * step));
      if (needed > places || needed * 2 <= places) lay(needed, lengths);
    },
    write: (row, at, fresh) => {
      const sequence = fresh.length / (layers * 2 * width);
      for (let layer = 0; layer < layers; layer++) {
        const [key, value] = [keys[layer]!, values[layer]!];
        for (let token = 0; token < sequence; token++) {
          const from = (token * layers + layer) * 2 * width;
          let to = row * width * places + at + token;
          for (let i = 0; i < width; i++, to += places) key[to] = fresh[from + i]!;
          for (let h = 0; h < heads; h++) {
            const own = from + width + h * head;
            value.set(fresh.subarray(own, own + head), ((row * heads + h) * places + at + token) * head);
          }
        }
      }
    },
    copy: (from, to, length) => {
      for (let layer = 0; layer < layers; layer++) {
        const [key, value] = [keys[layer]!, values[layer]!];
        for (let i = 0; i < width; i++) {
          const line = (from * width + i) * places;
          key.copyWithin((to * width + i) * places, line, line + length);
        }
        for (let h = 0; h < heads; h++) {
          const block = (from * heads + h) * places * head;
          value.copyWithin((to * heads + h) * places * head, block, block + length * head);
        }
      }
    },
    views: (first, count) => {
      const [from, to] = [first * width * places, (first + count) * width * places];
      return keys.map((key, layer) => ({ keys: key.subarray(from, to), values: values[layer]!.subarray(from, to) }));
    },
  };
};

/** Lines `first`, … of `size` used elements each, from every `stride` elements to every `next`. */
const moveLines = (
  array: Float32Array,
  first: number,
  lines: number,
  size: number,
  stride: number,
  next: number,
): void => {
  if (size === 0) return;
  for (let i = 0; i < lines; i++) {
    const line = next > stride ? lines - 1 - i : i;
    const from = (first + line) * stride;
    array.copyWithin((first + line) * next, from, from + size);
  }
};
