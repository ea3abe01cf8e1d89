import { createRandom } from '../../factory/index.ts';
import { MethodError } from './errors.ts';
import type { Method } from './method.ts';

/** Numbers from −1 to 1 that know nothing: what any method has to beat. The same seed gives the same numbers. */
export const random = ({ seed }: { readonly seed: number }): Method<unknown> => ({
  name: 'random',
  version: '1',
  source: 'Blackman and Vigna, xoshiro128**',
  prepare: (rows) => {
    if (rows.length === 0) throw new MethodError('There are no rows to score');
    const numbers = createRandom(seed);
    return { score: () => Float64Array.from(rows, () => 2 * numbers.next() - 1) };
  },
});
