import { MethodError } from './errors.ts';
import type { Method, WithTokens } from './method.ts';

/** As Lucene has them. */
const [k1, b] = [1.2, 0.75];

/** Words in common, rare ones first: what a search engine would find for the answer. Looks at no model. */
export const bm25 = (): Method<WithTokens> => ({
  name: 'bm25',
  version: '1',
  source: 'Robertson and Zaragoza 2009, The Probabilistic Relevance Framework: BM25 and Beyond',
  prepare: (rows) => {
    if (rows.length === 0) throw new MethodError('There are no rows to score');
    const places = new Map<number, { row: number; count: number }[]>();
    for (const [row, { tokens }] of rows.entries()) {
      for (const [token, count] of countsOf(tokens)) {
        const known = places.get(token);
        if (known) known.push({ row, count });
        else places.set(token, [{ row, count }]);
      }
    }
    const mean = rows.reduce((sum, { tokens }) => sum + tokens.length, 0) / rows.length;
    return {
      score: ({ tokens }) => {
        const scores = new Float64Array(rows.length);
        for (const [token, times] of countsOf(tokens)) {
          const found = places.get(token) ?? [];
          const rarity = Math.log(1 + (rows.length - found.length + 0.5) / (found.length + 0.5));
          for (const { row, count } of found) {
            const length = 1 - b + (b * rows[row]!.tokens.length) / mean;
            scores[row]! += (times * rarity * count * (k1 + 1)) / (count + k1 * length);
          }
        }
        return scores;
      },
    };
  },
});

const countsOf = (tokens: ArrayLike<number>): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const token of Array.from(tokens)) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
};
