import { quantiseQuery, scoreRows, type Whitening, whiten } from '../influence/index.ts';
import { checkSize, quantisedRows } from './gradients.ts';
import type { Method, WithGradient } from './method.ts';

export type WhitenedOptions = {
  /** λ as a part of the mean diagonal of ΦᵀΦ/n. */
  readonly damping: number;
};

/**
 * φ(q)ᵀ (ΦᵀΦ/n + λI)⁻¹ φ(g): what a damped Newton step without the row would change, in the projected space. With the very
 * integers that receipts are computed with: rows in int8, the whitened answer in int16.
 */
export const whitenedInfluence = ({ damping }: WhitenedOptions): Method<WithGradient> => ({
  name: 'whitened-projected-influence',
  version: '1',
  source: 'Park et al. 2023, TRAK (arXiv:2303.14186); Choe et al. 2024, LoGra (arXiv:2405.13954)',
  prepare: (rows) => {
    const stored = quantisedRows(rows);
    const { size, solve } = whiten(stored, { damping });
    return {
      score: (answer) => {
        checkSize(answer, size);
        return scoreRows(stored, quantiseQuery(solve(answer.gradient)));
      },
    };
  },
});

/**
 * The same, divided by √(gᵀ H⁻¹ g) of the row and of the answer: a cosine, which rows that are large for every answer
 * do not win. What pay is by.
 */
export const whitenedCosine = ({ damping }: WhitenedOptions): Method<WithGradient> => ({
  name: 'whitened-cosine',
  version: '1',
  source: 'Barshan et al. 2020, RelatIF (arXiv:2003.11630)',
  prepare: (rows) => {
    const stored = quantisedRows(rows);
    const { size, solve, norm } = whiten(stored, { damping });
    const norms = Float64Array.from(rows, (_, row) => normOf(stored, row, norm));
    return {
      score: (answer) => {
        checkSize(answer, size);
        const by = norm(answer.gradient);
        const scores = scoreRows(stored, quantiseQuery(solve(answer.gradient)));
        return scores.map((score, row) => (score === 0 ? 0 : score / (norms[row]! * by)));
      },
    };
  },
});

/**
 * gᵀ H⁻¹ g of each row, whatever the answer: how hard a row pulls that no other row pulls with. Wrong labels do.
 */
export const selfInfluence = ({ damping }: WhitenedOptions): Method<WithGradient> => ({
  name: 'self-influence',
  version: '1',
  source: 'Koh and Liang 2017 (arXiv:1703.04730), section 5.4; whitened as Grosse et al. 2023 (arXiv:2308.03296)',
  prepare: (rows) => {
    const stored = quantisedRows(rows);
    const { norm } = whiten(stored, { damping });
    const scores = Float64Array.from(rows, (_, row) => normOf(stored, row, norm) ** 2);
    return { score: () => scores.slice() };
  },
});

const normOf = (
  { valuesOf, exponentOf }: ReturnType<typeof quantisedRows>,
  row: number,
  norm: Whitening['norm'],
): number => norm(valuesOf(row)) * 2 ** exponentOf(row);
