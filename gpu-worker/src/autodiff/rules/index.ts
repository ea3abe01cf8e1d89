import type { Rule } from '../rule.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { matrices } from './matrices.ts';
import { movements } from './movements.ts';
import { normalisations } from './normalisations.ts';
import { reductions } from './reductions.ts';

/** The table: an operator of the standard set to its rule. */
export const rules: Readonly<Record<string, Rule>> = {
  ...activations,
  ...arithmetic,
  ...matrices,
  ...movements,
  ...normalisations,
  ...reductions,
};

/** Steps: their slope is 0 wherever they have one, so that no gradient passes and none is missed. */
export const steps: ReadonlySet<string> = new Set(['Ceil', 'Floor', 'Round', 'Sign']);
