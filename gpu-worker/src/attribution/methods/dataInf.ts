import type { Projection } from '../influence/index.ts';
import { MethodError } from './errors.ts';
import { checkSize, dot, sizeOf } from './gradients.ts';
import type { Method, WithGradient } from './method.ts';

export type DataInfOptions = {
  /** How many numbers of a gradient are of each matrix of the adapter, in their order: {@link matrixSizes}. */
  readonly matrices: readonly number[];
  /** λ of a matrix, as a part of the mean of its squared gradients; 0.1 in the paper. */
  readonly damping?: number;
};

/** Where φ has which matrix. */
export const matrixSizes = ({ parts }: Pick<Projection, 'parts'>): number[] => parts.map(({ size }) => size);

/**
 * For each matrix l of the adapter, with d numbers: λ = 0.1 · mean‖g‖² / d, and the inverse of a mean taken for a mean of
 * inverses, each of which Sherman and Morrison have in closed form:
 * r = 1/(nλ) Σᵢ [q − (q·gᵢ)/(λ + ‖gᵢ‖²) gᵢ]; a row's score is the sum of r·g over the matrices. Above 0 is helpful.
 */
export const dataInf = ({ matrices, damping = 0.1 }: DataInfOptions): Method<WithGradient> => ({
  name: 'datainf',
  version: '1',
  source: 'Kwon et al. 2024, DataInf (arXiv:2310.00902), equation 5',
  prepare: (rows) => {
    const size = sizeOf(rows);
    const places = placesOf(matrices, size);
    const squares = places.map(({ from, to }) =>
      Float64Array.from(rows, ({ gradient }) => dot(gradient, gradient, from, to)),
    );
    return {
      score: (answer) => {
        checkSize(answer, size);
        const scores = new Float64Array(rows.length);
        for (const [matrix, { from, to }] of places.entries()) {
          const solved = solve(answer.gradient, rows, squares[matrix]!, { from, to, damping });
          if (solved === undefined) continue;
          for (const [row, { gradient }] of rows.entries()) scores[row]! += dot(solved, gradient, from, to);
        }
        return scores;
      },
    };
  },
});

type Place = { readonly from: number; readonly to: number };

const placesOf = (matrices: readonly number[], size: number): Place[] => {
  let end = 0;
  const places = matrices.map((length): Place => {
    end += length;
    return { from: end - length, to: end };
  });
  if (end !== size) throw new MethodError(`The matrices have ${end} numbers together, the gradients ${size}`);
  return places;
};

/** r, where the matrix has it; undefined for a matrix without any gradient. */
const solve = (
  answer: ArrayLike<number>,
  rows: readonly WithGradient[],
  squares: Float64Array,
  { from, to, damping }: Place & { readonly damping: number },
): Float64Array | undefined => {
  const total = squares.reduce((sum, square) => sum + square, 0);
  const lambda = (damping * total) / rows.length / (to - from);
  if (lambda === 0) return undefined;
  const solved = new Float64Array(to);
  for (const [row, { gradient }] of rows.entries()) {
    const by = dot(answer, gradient, from, to) / (lambda + squares[row]!);
    for (let at = from; at < to; at++) solved[at]! += answer[at]! - by * gradient[at]!;
  }
  for (let at = from; at < to; at++) solved[at]! /= rows.length * lambda;
  return solved;
};
