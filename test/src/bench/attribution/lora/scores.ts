import { normalisedInfluence } from '@openledger/gpu-worker/attribution/methods';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import type { Setting } from './setting.ts';

/** What rows are paid by, for each query: [queries][rows]. */
export const scoresOf = ({ trained, asked, store }: Setting, damping: number): Float64Array[] => {
  const quantile = startingAlgorithm.influence.normQuantile;
  const { score } = normalisedInfluence({ damping, moment: store, quantile }).prepare(trained);
  return asked.map(score);
};

/** Queries that λ was not chosen on. */
export const measuredQueries = ({ asked }: Setting): number[] => [...asked.keys()].filter((query) => query % 2 === 1);
