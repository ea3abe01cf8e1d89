import type { Algorithm } from '@openledger/protocol/attribution';
import type { Rows } from '../../factory/index.ts';
import { clusterRows } from '../duplicates/index.ts';
import { learnedOf } from './rows.ts';

/**
 * For each row the first row that is the same but for little.
 *
 * @param owned rows of contributions; those after them are foreign, each its own: nobody is paid for them.
 */
export const clustersOf = (rows: Rows, owned: number, duplicates: Algorithm['duplicates']): Uint32Array => {
  const learned = learnedOf(rows);
  const clusters = Uint32Array.from(learned.keys());
  clusters.set(clusterRows(learned.slice(0, owned), duplicates));
  return clusters;
};

/** uint32, little-endian, one for each row: the file of a version. */
export const encodeClusters = (clusters: Uint32Array): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(4 * clusters.length));
  clusters.forEach((first, row) => {
    bytes.setUint32(4 * row, first, true);
  });
  return new Uint8Array(bytes.buffer);
};
