import { startingAlgorithm } from '@openledger/protocol/attribution';
import { rowCount } from '../../factory/index.ts';
import { clusterRows } from '../duplicates/index.ts';
import type { ProjectionOptions } from '../influence/index.ts';
import { learnedOf } from '../version/rows.ts';
import { CardError } from './errors.ts';
import type { CardOptions } from './options.ts';

/** @throws CardError when rows, contributions, gradients and queries do not fit together. */
export const checkCard = ({ rows, contributions, gradients, queries }: CardOptions): void => {
  const count = rowCount(rows);
  if (contributions.length !== count) {
    throw new CardError(`${count} rows have ${contributions.length} contributions; each row belongs to one`);
  }
  if (gradients.count < count)
    throw new CardError(`The store has gradients of ${gradients.count} rows, not of ${count}`);
  const other = contributions.findIndex((contribution, row) => gradients.contributionOf(row) !== contribution);
  if (other !== -1) {
    throw new CardError(
      `Row ${other} is of contribution ${contributions[other]}; in the store it is of ${gradients.contributionOf(other)}`,
    );
  }
  if (rowCount(queries) < 2) {
    throw new CardError(`${rowCount(queries)} queries were given; one chooses λ and another is measured, at least`);
  }
};

/** How the store's gradients were projected. @throws CardError when it does not say. */
export const projectionOf = ({ settings }: CardOptions['gradients']): ProjectionOptions => {
  const { dimensions, seed } = settings;
  if (typeof dimensions !== 'number' || typeof seed !== 'string') {
    throw new CardError('The store does not say how it was projected: dimensions and seed are among its settings');
  }
  return { dimensions, seed };
};

/** For each row the first that is the same but for little: as copies are found, they are not trained on, and nobody is paid for them. */
export const clustersOf = ({ rows }: CardOptions): Uint32Array =>
  clusterRows(learnedOf(rows), startingAlgorithm.duplicates);

/** Rows of each contribution that are no copies, contributions in the order of their first rows. */
export const unitsOf = ({ contributions }: CardOptions, clusters: Uint32Array): number[][] => {
  const units = new Map<bigint, number[]>();
  for (const [row, contribution] of contributions.entries()) {
    if (clusters[row] !== row) continue;
    const known = units.get(contribution);
    if (known) known.push(row);
    else units.set(contribution, [row]);
  }
  return [...units.values()];
};
