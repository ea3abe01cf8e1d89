import { logreg } from './logreg.ts';
import type { Part } from './part.ts';

/** In the order of the table. */
export const parts: readonly Part[] = [logreg];
