import { openSession, ort } from '../../factory/index.ts';
import { createBuilder } from '../../onnx/index.ts';
import { InfluenceError } from './errors.ts';
import { quantise } from './quantise.ts';
import { bias, headBytes, recordBytes } from './record.ts';
import type { GradientRows, GradientStore } from './store.ts';

/** A query's vector in whole steps: hi · 256 + lo, times 2^exponent. Up to ±16,000, so both are int8. */
export type QuantisedQuery = { readonly values: Int16Array; readonly exponent: number };

const mostSteps = 16_000;

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

/**
 * Scores a store by onnxruntime's product of integers, which reads the records where they lie: what is no part of φ
 * meets a zero of the query. Both sides are uint8 around 128: the product of int8 saturates on processors without VNNI.
 */
export const openScorer = async (store: GradientStore, { threads = 1 }: { threads?: number } = {}): Promise<Scorer> => {
  const length = recordBytes(store.size);
  const g = createBuilder({ opset: 17 });
  const zero = g.constant({ type: 'uint8', dims: [], data: Uint8Array.of(bias) });
  const [records, query] = [g.input('records', 'uint8', ['rows', length]), g.input('query', 'uint8', [length, 2])];
  g.output('products', g.op('MatMulInteger', [records, query, zero, zero]), 'int32', ['rows', 2]);
  const session = await openSession(g.build(), { threads });
  const input = new ort.Tensor('uint8', store.records, [store.count, length]);
  const exponents = Int8Array.from({ length: store.count }, (_, row) => store.exponentOf(row));
  return {
    score: async (asked) => {
      fits(store, asked);
      if (store.count === 0) return new Float64Array();
      const halves = new Uint8Array(2 * length).fill(bias);
      asked.values.forEach((value, at) => {
        const high = Math.round(value / 256);
        halves.set([high + bias, value - 256 * high + bias], 2 * (headBytes + at));
      });
      const { products } = await session.run({ records: input, query: new ort.Tensor('uint8', halves, [length, 2]) });
      const found = products!.data as Int32Array;
      return Float64Array.from(
        exponents,
        (exponent, row) => (found[2 * row]! * 256 + found[2 * row + 1]!) * 2 ** (exponent + asked.exponent),
      );
    },
    close: () => session.release(),
  };
};

const fits = ({ size }: GradientRows, { values }: QuantisedQuery): void => {
  if (values.length !== size) throw new InfluenceError(`The rows have ${size} numbers, the query ${values.length}`);
};
