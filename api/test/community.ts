import { contributionRows } from './community/contributions.ts';
import { datanetRows } from './community/datanets.ts';
import { logRows } from './community/log.ts';
import { modelRows } from './community/models.ts';
import { moneyRows } from './community/money.ts';
import { settledRows } from './community/settled.ts';
import type { Rows } from './world.ts';

export { people } from './community/base.ts';
export { texts } from './community/texts.ts';

/** A small community with sound numbers: every root is the one that follows from the rows, every sum adds up. */
export function community(): Partial<Rows> {
  return {
    ...logRows(),
    ...datanetRows(),
    ...contributionRows(),
    ...modelRows(),
    ...settledRows(),
    ...moneyRows(),
  };
}
