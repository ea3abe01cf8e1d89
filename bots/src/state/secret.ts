import { hkdfSync } from 'node:crypto';
import { seal, unseal } from '@openledger/db';

/** Keeps what ties people to wallets, and what they wrote, so that the database alone tells nobody. */
export type Secret = {
  readonly close: (value: unknown, about: string) => Uint8Array;
  /** @throws SealError for what another secret sealed, about something else, or what was changed. */
  readonly open: (sealed: Uint8Array, about: string) => unknown;
};

/** @param hex BOTS_SECRET, 32 bytes or more; the key is derived of it (HKDF-SHA256, RFC 5869). */
export const createSecret = (hex: string): Secret => {
  const key = new Uint8Array(hkdfSync('sha256', Buffer.from(hex, 'hex'), '', 'openledger bots', 32));
  return {
    close: (value, about) => seal(key, Buffer.from(JSON.stringify(value)), about),
    open: (sealed, about) => JSON.parse(Buffer.from(unseal(key, sealed, about)).toString()),
  };
};
