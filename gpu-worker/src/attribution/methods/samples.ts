import { ignored, type Rows, rowCount } from '../../factory/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { GradientRows } from '../influence/index.ts';
import { type EmbedOptions, embedRows } from './embedder.ts';
import { MethodError } from './errors.ts';
import type { Sample } from './method.ts';

/** A row's tokens without what fills it up: those up to the last that is learned. */
export const tokensOf = ({ ids, labels, sequence }: Rows, row: number): Int32Array => {
  let end = (row + 1) * sequence;
  while (end > row * sequence && labels[end - 1] === ignored) end--;
  return ids.slice(row * sequence, end);
};

/**
 * Rows as every method needs them.
 *
 * @param gradients φ of each row.
 * @throws MethodError when rows and gradients differ in number.
 */
export const samplesOf = async (
  base: Model,
  rows: Rows,
  { gradients, ...options }: EmbedOptions & { readonly gradients: readonly ArrayLike<number>[] },
): Promise<Sample[]> => {
  if (gradients.length !== rowCount(rows)) {
    throw new MethodError(`${rowCount(rows)} rows have ${gradients.length} gradients; each has one`);
  }
  const embeddings = await embedRows(base, rows, options);
  return gradients.map((gradient, row) => ({
    gradient,
    tokens: tokensOf(rows, row),
    embedding: embeddings[row]!,
  }));
};

/** What a store holds, as numbers: the first rows. Exact, as steps are powers of two. */
export const storedGradients = (store: GradientRows, count: number): Float64Array[] =>
  Array.from({ length: count }, (_, row) => {
    const step = 2 ** store.exponentOf(row);
    return Float64Array.from(store.valuesOf(row), (value) => value * step);
  });
