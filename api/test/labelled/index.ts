import { type Fingerprint, fingerprintOf } from '../../src/intake/fingerprint.ts';
import { plainRows } from '../../src/intake/plain.ts';

export { type Desk, genesisHash, openDesk } from '../intake.ts';
export { honestItems } from './honest.ts';
export { countByClass, judgeLabelled, tableOf } from './measure.ts';

/** As a plain text's would be. */
export const fingerprintOfText = (text: string): Fingerprint => fingerprintOf(plainRows(text));
