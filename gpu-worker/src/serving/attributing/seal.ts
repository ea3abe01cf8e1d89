import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Hex } from '@openledger/protocol';
import { type Answered, readAnswered } from './answered.ts';

/** Keeps answers in the database so that only the worker which gave them can read them. */
export type Seal = {
  readonly close: (requestId: Hex, answered: Answered) => Uint8Array;
  /** @throws SealError for what another key sealed, for another request, or what was changed. */
  readonly open: (requestId: Hex, sealed: Uint8Array) => Answered;
};

/** What cannot be opened; says nothing of what is in it. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const [VERSION, NONCE_BYTES, TAG_BYTES] = [1, 12, 16];
const cipher = 'aes-256-gcm';

// A byte for the version, 12 of nonce, 16 of tag, then the JSON under AES-256-GCM, the request's id as associated data.

/** @param key the worker's private key, of which the seal's own is derived (HKDF-SHA-256, RFC 5869). */
export const createSeal = (key: Hex): Seal => {
  const secret = Buffer.from(
    hkdfSync('sha256', Buffer.from(key.slice(2), 'hex'), '', 'openledger attribution tasks 1', 32),
  );
  return {
    close: (requestId, answered) => {
      const nonce = randomBytes(NONCE_BYTES);
      const sealing = createCipheriv(cipher, secret, nonce).setAAD(Buffer.from(requestId));
      const text = Buffer.concat([sealing.update(JSON.stringify(answered)), sealing.final()]);
      return Buffer.concat([Uint8Array.of(VERSION), nonce, sealing.getAuthTag(), text]);
    },
    open: (requestId, sealed) => {
      const at = 1 + NONCE_BYTES + TAG_BYTES;
      if (sealed.length <= at || sealed[0] !== VERSION) throw new SealError('This is no sealed answer');
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const opening = createDecipheriv(cipher, secret, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(requestId))
        .setAuthTag(sealed.subarray(1 + NONCE_BYTES, at));
      let text: string;
      try {
        text = Buffer.concat([opening.update(sealed.subarray(at)), opening.final()]).toString();
      } catch {
        throw new SealError(
          'The answer was sealed with another key, or was changed since: WORKER_KEY has to be the same',
        );
      }
      return readAnswered(JSON.parse(text));
    },
  };
};
