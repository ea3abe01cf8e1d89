import { hkdfSync } from 'node:crypto';
import { userError } from '../errors.ts';

/** Gives a key of 32 bytes for one purpose; always the same for the same secret and purpose. */
export type KeyFor = (purpose: string) => Uint8Array;

/** Keys derived from API_SECRET (HKDF-SHA256, RFC 5869). @throws NOT_CONFIGURED on use when there is no secret */
export function createKeys(secretHex: string | undefined): KeyFor {
  return (purpose) => {
    if (secretHex === undefined) {
      throw userError(
        'NOT_CONFIGURED',
        'This API runs without API_SECRET, which this needs: its operator has to set it.',
      );
    }
    return new Uint8Array(hkdfSync('sha256', Buffer.from(secretHex, 'hex'), '', `openledger ${purpose}`, 32));
  };
}
