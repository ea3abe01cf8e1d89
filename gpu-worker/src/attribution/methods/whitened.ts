import { type GradientRows, quantiseQuery, scoreRows, type Whitening, whiten } from '../influence/index.ts';
import { leastNormOf } from '../shares/index.ts';
import { checkSize, quantisedRows } from './gradients.ts';
import type { Method, Prepared, WithGradient } from './method.ts';

export type WhitenedOptions = {
  /** λ as a part of the mean diagonal of ΦᵀΦ/n. */
  readonly damping: number;
  /** Rows that H is of, where it is not of the scored ones: a store with its foreign rows, or rows with labels drawn from the model. */
  readonly moment?: GradientRows;
};

const trak = 'Park et al. 2023, TRAK (arXiv:2303.14186); Choe et al. 2024, LoGra (arXiv:2405.13954)';
const relatIf = 'Barshan et al. 2020, RelatIF (arXiv:2003.11630)';

/**
 * φ(q)ᵀ (ΦᵀΦ/n + λI)⁻¹ φ(g): what a damped Newton step without the row would change, in the projected space. With the very
 * integers that receipts are computed with: rows in int8, the whitened answer in int16.
 */
export const whitenedInfluence = (options: WhitenedOptions): Method<WithGradient> => ({
  name: 'unnormalised-influence',
  version: '1',
  source: trak,
  prepare: (rows) => {
    const stored = quantisedRows(rows);
    const whitening = whiten(options.moment ?? stored, options);
    return { score: (answer) => productsOf(stored, whitening, answer) };
  },
});

/**
 * The same, divided by the answer's √(qᵀ H⁻¹ q), and by the row's √(gᵀ H⁻¹ g) or, where that is more, the norm that `quantile` parts
 * per million of the rows do not pass: what pay is by. No row has more than 1, however large it is for every answer.
 */
export const normalisedInfluence = (
  options: WhitenedOptions & { readonly quantile: number },
): Method<WithGradient> => ({
  name: 'whitened-projected-influence',
  version: '1',
  source: `${trak}; large rows as in ${relatIf}`,
  prepare: (rows) => normalised(rows, options),
});

/** By each row's own norm whatever it is: a cosine. */
export const whitenedCosine = (options: WhitenedOptions): Method<WithGradient> => ({
  name: 'whitened-cosine',
  version: '1',
  source: relatIf,
  prepare: (rows) => normalised(rows, { ...options, quantile: 0 }),
});

/** gᵀ H⁻¹ g of each row, whatever the answer: how hard a row pulls that no other row pulls with. Wrong labels do. */
export const selfInfluence = (options: WhitenedOptions): Method<WithGradient> => ({
  name: 'self-influence',
  version: '1',
  source: 'Koh and Liang 2017 (arXiv:1703.04730), section 5.4; whitened as Grosse et al. 2023 (arXiv:2308.03296)',
  prepare: (rows) => {
    const stored = quantisedRows(rows);
    const scores = normsOf(stored, whiten(options.moment ?? stored, options)).map((norm) => norm ** 2);
    return { score: () => scores.slice() };
  },
});

const normalised = (
  rows: readonly WithGradient[],
  options: WhitenedOptions & { readonly quantile: number },
): Prepared<WithGradient> => {
  const stored = quantisedRows(rows);
  const whitening = whiten(options.moment ?? stored, options);
  const norms = normsOf(stored, whitening);
  const each = { count: rows.length, contributionOf: () => 1n, clusters: Uint32Array.from(rows.keys()) };
  const leastNorm = leastNormOf(norms, each, options.quantile);
  return {
    score: (answer) => {
      const products = productsOf(stored, whitening, answer);
      const by = whitening.norm(answer.gradient);
      return products.map((product, row) => (product === 0 ? 0 : product / (Math.max(norms[row]!, leastNorm) * by)));
    },
  };
};

const productsOf = (stored: GradientRows, { size, solve }: Whitening, answer: WithGradient): Float64Array => {
  checkSize(answer, size);
  return scoreRows(stored, quantiseQuery(solve(answer.gradient)));
};

const normsOf = ({ count, valuesOf, exponentOf }: GradientRows, { norm }: Whitening): Float64Array =>
  Float64Array.from({ length: count }, (_, row) => norm(valuesOf(row)) * 2 ** exponentOf(row));
