import type { GradientRows, GradientStore } from './store.ts';

/**
 * The rows of a store that H is of: those of contributions, each with its copies once, so that who copies a row changes nothing of how
 * others are scored; foreign rows are no part of what was learned.
 *
 * @param clusters for each row the first row that is the same but for little: itself where none is
 */
export const momentRows = (store: GradientStore, clusters: Uint32Array): GradientRows => {
  const rows = Array.from({ length: store.count }, (_, row) => row).filter(
    (row) => clusters[row] === row && store.contributionOf(row) !== 0n,
  );
  return {
    size: store.size,
    count: rows.length,
    exponentOf: (row) => store.exponentOf(rows[row]!),
    valuesOf: (row) => store.valuesOf(rows[row]!),
  };
};
