import { InfluenceError } from './errors.ts';
import { createKernel } from './kernel.ts';
import { quantise } from './quantise.ts';
import { headBytes, recordBytes } from './record.ts';
import type { GradientRows, GradientStore } from './store.ts';

/** A query's vector in whole steps of 2^exponent, up to ±16,000. */
export type QuantisedQuery = { readonly values: Int16Array; readonly exponent: number };

const mostSteps = 16_000;
const mostNumbers = 2_048;

/** @throws InfluenceError for numbers that are not finite. */
export const quantiseQuery = (query: ArrayLike<number>): QuantisedQuery =>
  quantise(query, mostSteps, new Int16Array(query.length));

/**
 * Of each row, its product with the query. The products are sums of integers, and the steps powers of two, so the result is
 * exact: whatever computes it finds these very numbers.
 */
export const scoreRows = (store: GradientRows, query: QuantisedQuery): Float64Array => {
  fits(store, query);
  return Float64Array.from({ length: store.count }, (_, row) => {
    const values = store.valuesOf(row);
    let sum = 0;
    for (let at = 0; at < values.length; at++) sum += values[at]! * query.values[at]!;
    return sum * 2 ** (store.exponentOf(row) + query.exponent);
  });
};

export type Scorer = {
  /** The same numbers as {@link scoreRows}, faster. */
  score: (query: QuantisedQuery) => Promise<Float64Array>;
  close: () => Promise<void>;
};

/** Bytes of rows that are taken to the kernel at once: what a core's own cache holds beside the results. */
const bytesAtOnce = 2 ** 18;

/** Scores a store in a kernel of WebAssembly, which rows pass by the piece: a million of 512 numbers take about as long as reading them. */
export const openScorer = async (store: GradientStore): Promise<Scorer> => {
  const length = recordBytes(store.size);
  const rows = Math.max(1, Math.floor(bytesAtOnce / length));
  const [query, powers] = [0, 2 * mostNumbers];
  const scores = powers + 8 * 256;
  const records = scores + 8 * rows;
  const { memory, score } = createKernel(records + rows * length);
  const piece = new Uint8Array(memory.buffer, records, rows * length);
  return {
    score: async (asked) => {
      fits(store, asked);
      new Int16Array(memory.buffer, query, mostNumbers).fill(0).set(asked.values);
      new Float64Array(memory.buffer, powers, 256).set(powersFrom(asked.exponent - 128));
      const found = new Float64Array(store.count);
      for (let from = 0; from < store.count; from += rows) {
        const some = Math.min(rows, store.count - from);
        piece.set(store.records.subarray(from * length, (from + some) * length));
        score(records, some, (length - headBytes) / 16, query, powers, scores);
        found.set(new Float64Array(memory.buffer, scores, some), from);
      }
      return found;
    },
    close: async () => {},
  };
};

/** 256 of them. */
const powersFrom = (exponent: number): Float64Array =>
  Float64Array.from({ length: 256 }, (_, at) => 2 ** (exponent + at));

const fits = ({ size }: GradientRows, { values }: QuantisedQuery): void => {
  if (values.length !== size) throw new InfluenceError(`The rows have ${size} numbers, the query ${values.length}`);
};
