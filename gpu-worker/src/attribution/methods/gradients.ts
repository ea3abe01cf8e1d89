import { bias, type GradientRows, quantise } from '../influence/index.ts';
import { MethodError } from './errors.ts';
import type { WithGradient } from './method.ts';

/** How many numbers each gradient has. @throws MethodError when there are none, or of several lengths. */
export const sizeOf = (rows: readonly WithGradient[]): number => {
  const size = rows[0]?.gradient.length ?? 0;
  if (size === 0) throw new MethodError('There are no rows with gradients to score');
  const other = rows.findIndex(({ gradient }) => gradient.length !== size);
  if (other !== -1) {
    throw new MethodError(
      `Row 0 has a gradient of ${size} numbers, row ${other} one of ${rows[other]!.gradient.length}`,
    );
  }
  return size;
};

/** @throws MethodError for an answer's gradient of another length. */
export const checkSize = ({ gradient }: WithGradient, size: number): void => {
  if (gradient.length !== size) {
    throw new MethodError(`The rows have gradients of ${size} numbers, the answer one of ${gradient.length}`);
  }
};

/** Gradients in the whole steps that a store would hold, without a file. */
export const quantisedRows = (rows: readonly WithGradient[]): GradientRows => {
  const size = sizeOf(rows);
  const quantised = rows.map(({ gradient }) => quantise(gradient, bias - 1, new Int8Array(size)));
  return {
    size,
    count: rows.length,
    valuesOf: (row) => quantised[row]!.values,
    exponentOf: (row) => quantised[row]!.exponent,
  };
};

export const dot = (left: ArrayLike<number>, right: ArrayLike<number>, from = 0, to = left.length): number => {
  let sum = 0;
  for (let at = from; at < to; at++) sum += left[at]! * right[at]!;
  return sum;
};
