import { epochLies, postedLies } from './batches.ts';
import { signedLies } from './receipts.ts';
import type { Tampering } from './tampering.ts';
import { publishedLies } from './versions.ts';

export { lineAfter, type Tampering } from './tampering.ts';

/** Every kind of lie that is tried. */
export const tamperings: readonly Tampering[] = [...signedLies, ...postedLies, ...epochLies, ...publishedLies];
