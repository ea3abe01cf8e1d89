import { MethodError } from './errors.ts';
import { dot } from './gradients.ts';
import type { Method, WithEmbedding } from './method.ts';

/** Cosine of embeddings: rows that mean something like the answer. Looks at the base, not at what was trained. */
export const embeddingSimilarity = (): Method<WithEmbedding> => ({
  name: 'embedding-similarity',
  version: '1',
  source: 'Hanawa et al. 2021 (arXiv:2006.04528): cosine of hidden states',
  prepare: (rows) => {
    const size = rows[0]?.embedding.length ?? 0;
    if (size === 0) throw new MethodError('There are no rows with embeddings to score');
    const other = rows.findIndex(({ embedding }) => embedding.length !== size);
    if (other !== -1) {
      throw new MethodError(
        `Row 0 has an embedding of ${size} numbers, row ${other} one of ${rows[other]!.embedding.length}`,
      );
    }
    const lengths = rows.map(({ embedding }) => lengthOf(embedding));
    return {
      score: ({ embedding }) => {
        if (embedding.length !== size) {
          throw new MethodError(`The rows have embeddings of ${size} numbers, the answer one of ${embedding.length}`);
        }
        const length = lengthOf(embedding);
        return Float64Array.from(rows, (row, at) => dot(embedding, row.embedding) / (length * lengths[at]!));
      },
    };
  },
});

/** Of nothing 1, so that its similarity is 0. */
const lengthOf = (embedding: ArrayLike<number>): number => Math.sqrt(dot(embedding, embedding)) || 1;
