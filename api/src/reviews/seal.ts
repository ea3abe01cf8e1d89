import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Hex } from '@openledger/db/chain';
import { z } from 'zod';
import type { KeyFor } from '../identity/secret.ts';

/** What nobody else may see before the scores are revealed. */
export type Secret = {
  /** 1e18 fixed point, at most 1e18. */
  readonly score: bigint;
  readonly salt: Hex;
  readonly notes: string;
};

/** Whose review of what it is: a sealed part opens in its own row only. */
export type Place = { readonly genesisHash: Hex; readonly contributionId: bigint; readonly validator: Hex };

/** The purpose of the key that reviews are sealed with. */
const PURPOSE = 'reviews';
const [NONCE, TAG] = [12, 16];

const secretJson = z.object({
  score: z.string().regex(/^\d+$/).transform(BigInt),
  salt: z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)),
  notes: z.string(),
});

/** A sealed part that does not open: of another row or secret, or altered. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** AES-256-GCM (NIST SP 800-38D): nonce, tag, then the encrypted JSON. @throws NOT_CONFIGURED without API_SECRET */
export function seal(keyFor: KeyFor, place: Place, { score, salt, notes }: Secret): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', keyFor(PURPOSE), nonce).setAAD(associated(place));
  const json = JSON.stringify({ score: score.toString(), salt, notes });
  const encrypted = Buffer.concat([cipher.update(json, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]);
}

/** @throws SealError, NOT_CONFIGURED without API_SECRET */
export function unseal(keyFor: KeyFor, place: Place, sealed: Uint8Array): Secret {
  const key = keyFor(PURPOSE);
  try {
    const bytes = Buffer.from(sealed);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAAD(associated(place)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
    const json = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
    return secretJson.parse(JSON.parse(json));
  } catch (cause) {
    throw new SealError(
      `The review of contribution ${place.contributionId} by ${place.validator} does not open: API_SECRET is another one than it was sealed with, or the row was altered.`,
      { cause },
    );
  }
}

const associated = ({ genesisHash, contributionId, validator }: Place) =>
  Buffer.from(`${genesisHash} ${contributionId} ${validator}`);
