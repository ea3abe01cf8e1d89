import type { Rows } from '../../factory/index.ts';
import { type ClusterOptions, clusterRows } from '../duplicates/index.ts';
import { learnedOf } from './rows.ts';

/**
 * Rows to learn from: those that are not the same as an earlier one but for little. Copies make a model repeat what it read (Lee et al.
 * 2022, arXiv:2107.06499), and trained on, they would move the model, and so everybody's pay, towards whoever sends them.
 */
export const withoutCopies = ({ sequence, ids, labels }: Rows, duplicates: ClusterOptions): Rows => {
  const clusters = clusterRows(learnedOf({ sequence, ids, labels }), duplicates);
  const isFirst = (_: number, at: number): boolean => {
    const row = Math.floor(at / sequence);
    return clusters[row] === row;
  };
  return { sequence, ids: ids.filter(isFirst), labels: labels.filter(isFirst) };
};
