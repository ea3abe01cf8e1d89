import { InfluenceError } from './errors.ts';
import type { GradientRows } from './store.ts';

/**
 * The damped second moment of a store's gradients, H = ΦᵀΦ/n + λI [size, size], as its Cholesky factor, and each row's
 * √(gᵀ H⁻¹ g). Computed in float64, in one order, from the store's integers, with nothing but + − × ÷ √: the same
 * bits on every machine.
 */
export type Whitening = {
  readonly size: number;
  /** λ: the damping times the mean of the diagonal of ΦᵀΦ/n. */
  readonly lambda: number;
  /** H⁻¹ q. @throws InfluenceError for another size. */
  solve: (query: ArrayLike<number>) => Float64Array;
  /** √(gᵀ H⁻¹ g): what RelatIF divides by (arXiv:2003.11630), so that rows which are large for every query are not paid for it. */
  norm: (gradient: ArrayLike<number>) => number;
  /** Of v = H⁻¹q, as it was solved or in whole steps: √(vᵀ H v), which is √(qᵀ H⁻¹ q). */
  solvedNorm: (solved: ArrayLike<number>) => number;
};

/**
 * @param options `damping` is λ as a part of the mean diagonal; `mostRows`: of a larger store, so many rows at equal distances
 * stand for all (default 20,000), since it takes rows · size² / 2 multiplications.
 * @throws InfluenceError for an empty store, one of zeros, or a damping that is not above 0.
 */
export const whiten = (
  store: GradientRows,
  { damping, mostRows = 20_000 }: { readonly damping: number; readonly mostRows?: number },
): Whitening => {
  if (!(damping > 0)) throw new InfluenceError(`Damping is above 0, not ${damping}`);
  const { size, count } = store;
  const taken = Math.min(count, mostRows);
  const moment = new Float64Array(size * size);
  for (let at = 0; at < taken; at++) {
    const row = Math.floor((at * count) / taken);
    addOuter(moment, store.valuesOf(row), 4 ** store.exponentOf(row) / taken);
  }
  let trace = 0;
  for (let at = 0; at < size; at++) trace += moment[at * size + at]!;
  if (!(trace > 0))
    throw new InfluenceError('The store has no gradient that is not zero: there is nothing to whiten by');
  const lambda = (damping * trace) / size;
  for (let at = 0; at < size; at++) moment[at * size + at]! += lambda;
  factorise(moment, size);
  const forward = (values: ArrayLike<number>): Float64Array => {
    if (values.length !== size) throw new InfluenceError(`Gradients have ${size} numbers here, not ${values.length}`);
    const solved = new Float64Array(size);
    for (let row = 0; row < size; row++) {
      let rest = values[row]!;
      for (let at = 0; at < row; at++) rest -= moment[row * size + at]! * solved[at]!;
      solved[row] = rest / moment[row * size + row]!;
    }
    return solved;
  };
  return {
    size,
    lambda,
    solve: (query) => {
      const solved = forward(query);
      for (let row = size - 1; row >= 0; row--) {
        const value = solved[row]! / moment[row * size + row]!;
        solved[row] = value;
        for (let at = 0; at < row; at++) solved[at]! -= moment[row * size + at]! * value;
      }
      return solved;
    },
    norm: (gradient) => {
      let sum = 0;
      for (const value of forward(gradient)) sum += value * value;
      return Math.sqrt(sum);
    },
    solvedNorm: (solved) => {
      if (solved.length !== size) throw new InfluenceError(`Gradients have ${size} numbers here, not ${solved.length}`);
      // vᵀ H v = |Lᵀ v|²
      const turned = new Float64Array(size);
      for (let row = 0; row < size; row++) {
        for (let at = 0; at <= row; at++) turned[at]! += moment[row * size + at]! * solved[row]!;
      }
      let sum = 0;
      for (const value of turned) sum += value * value;
      return Math.sqrt(sum);
    },
  };
};

/** Adds `by` · values · valuesᵀ, the lower triangle. */
const addOuter = (into: Float64Array, values: Int8Array, by: number): void => {
  const size = values.length;
  for (let row = 0; row < size; row++) {
    const value = values[row]! * by;
    if (value === 0) continue;
    for (let at = 0, to = row * size; at <= row; at++, to++) into[to]! += value * values[at]!;
  }
};

/** Cholesky in place: the lower triangle of a positive matrix becomes L, LLᵀ the matrix. */
const factorise = (matrix: Float64Array, size: number): void => {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * size + column]!;
      for (let at = 0; at < column; at++) rest -= matrix[row * size + at]! * matrix[column * size + at]!;
      matrix[row * size + column] = row === column ? Math.sqrt(rest) : rest / matrix[column * size + column]!;
    }
  }
};
