import { checkSize, dot, sizeOf } from './gradients.ts';
import type { Method, WithGradient } from './method.ts';

/** q · g: how one plain step on the row would have helped the answer. */
export const gradDot = (): Method<WithGradient> => ({
  name: 'grad-dot',
  version: '1',
  source:
    'Charpiat et al. 2019 (arXiv:2102.05262); Pruthi et al. 2020, TracIn (arXiv:2002.08484) at the last checkpoint',
  prepare: (rows) => {
    const size = sizeOf(rows);
    return {
      score: (answer) => {
        checkSize(answer, size);
        return Float64Array.from(rows, ({ gradient }) => dot(answer.gradient, gradient));
      },
    };
  },
});
