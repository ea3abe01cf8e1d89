import { quantiseQuery } from './scores.ts';
import type { GradientStore } from './store.ts';
import type { Whitening } from './whitening.ts';

/** Of more foreign rows, so many at equal distances stand for all: it takes so many multiplications for each number of the store. */
const mostAnswers = 64;

/**
 * What each row has to do with answers that have nothing to do with it: `quantile` parts per million of its products with foreign
 * rows, each taken for an answer and divided by its norm, by nearest rank and at least 0. Rows that are near to anything (hubs, as
 * Radovanović et al. 2010 call them), such as of one word again and again, have much. Sums of integers in one order: the same bits on
 * every machine.
 *
 * @returns [rows], in units of a score that is divided by the answer's norm, not yet by the row's
 */
export const hubness = (store: GradientStore, whitening: Whitening, quantile: number): Float64Array => {
  const answers = foreignAnswers(store, whitening);
  const rank = Math.max(1, Math.ceil((quantile * answers.length) / 1e6)) - 1;
  const scores = new Float64Array(answers.length);
  return Float64Array.from({ length: store.count }, (_, row) => {
    const values = store.valuesOf(row);
    const exponent = store.exponentOf(row);
    answers.forEach(({ query, norm }, at) => {
      let sum = 0;
      for (let place = 0; place < values.length; place++) sum += values[place]! * query.values[place]!;
      scores[at] = norm > 0 ? (sum * 2 ** (exponent + query.exponent)) / norm : 0;
    });
    return Math.max(0, scores.toSorted()[rank] ?? 0);
  });
};

const foreignAnswers = (store: GradientStore, whitening: Whitening) => {
  const foreign = Array.from({ length: store.count }, (_, row) => row).filter(
    (row) => store.contributionOf(row) === 0n,
  );
  const count = Math.min(foreign.length, mostAnswers);
  return Array.from({ length: count }, (_, at) => {
    const row = foreign[Math.floor((at * foreign.length) / count)]!;
    const step = 2 ** store.exponentOf(row);
    const query = quantiseQuery(whitening.solve(Float64Array.from(store.valuesOf(row), (value) => value * step)));
    const norm = whitening.solvedNorm(Float64Array.from(query.values, (value) => value * 2 ** query.exponent));
    return { query, norm };
  });
};
