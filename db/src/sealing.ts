import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const [NONCE, TAG] = [12, 16];

/** Bytes that cannot be opened: another key or purpose, or they were altered. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/**
 * AES-256-GCM under a key of 32 bytes: nonce, tag, then the encrypted bytes. What it is about (an id) is bound to it, so
 * that one cannot be put in another's place.
 */
export function seal(key: Uint8Array, plain: Uint8Array, about: string): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]);
}

/** @throws SealError */
export function unseal(key: Uint8Array, sealed: Uint8Array, about: string): Uint8Array {
  try {
    const nonce = sealed.subarray(0, NONCE);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
      .setAAD(Buffer.from(about))
      .setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
  } catch {
    throw new SealError('These bytes were sealed with another key, for another purpose, or have been altered.');
  }
}
