import {
  type GradientRows,
  quantise,
  quantiseQuery,
  scoreRows,
  whiten,
} from '@openledger/gpu-worker/attribution/influence';
import type { Method, WithGradient } from '@openledger/gpu-worker/attribution/methods';
import { classes, type Image } from './images.ts';
import { gradientOf, lossOf, size, type Weights } from './logisticRegression.ts';

/**
 * The influence function itself, with the curvature of the loss in place of the rows' second moment: what a model as small as this
 * one allows, and a transformer does not. Σ_d p_d g_d g_dᵀ over the digits that each image might show is the Hessian.
 * Source: Koh and Liang 2017 (arXiv:1703.04730).
 */
export const exactInfluence = (
  images: readonly Image[],
  weights: Weights,
  { damping }: { readonly damping: number },
): Method<WithGradient> => ({
  name: 'exact-influence',
  version: '1',
  source: 'Koh and Liang 2017 (arXiv:1703.04730)',
  prepare: (rows) => {
    const curvature = images.flatMap((image) =>
      Array.from({ length: classes }, (_, digit) => {
        const other = { ...image, digit };
        const by = Math.sqrt(Math.exp(-lossOf(other, weights)));
        return gradientOf(other, weights).map((value) => value * by);
      }),
    );
    const { solve } = whiten(stored(curvature), { damping });
    const own = stored(rows.map(({ gradient }) => gradient));
    return { score: ({ gradient }) => scoreRows(own, quantiseQuery(solve(gradient))) };
  },
});

const stored = (gradients: readonly ArrayLike<number>[]): GradientRows => {
  const steps = gradients.map((gradient) => quantise(gradient, 127, new Int8Array(size)));
  return {
    size,
    count: steps.length,
    valuesOf: (row) => steps[row]!.values,
    exponentOf: (row) => steps[row]!.exponent,
  };
};
