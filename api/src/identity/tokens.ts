import { createHash, randomBytes } from 'node:crypto';
import type { Hex } from '@openledger/db/chain';

/** What a token begins with says what it is, also to scanners that look for leaked ones. */
const beginnings = { session: 'ols_', key: 'olk_', ticket: 'olt_' } as const;
/** What the API takes from callers; tickets are for workers alone. */
export type TokenKind = Exclude<keyof typeof beginnings, 'ticket'>;

/** Characters of a key that are stored in the clear, to tell keys apart. */
const PREFIX_LENGTH = 10;

/** A token of 256 random bits. It is shown once: only its hash is stored. */
export function newToken(kind: keyof typeof beginnings): string {
  return beginnings[kind] + randomBytes(32).toString('base64url');
}

/** What a token says it is; undefined for anything that we never made. */
export function kindOf(token: string): TokenKind | undefined {
  const [, beginning] = /^(ol[sk]_)[A-Za-z0-9_-]{43}$/.exec(token) ?? [];
  return beginning === beginnings.session ? 'session' : beginning === beginnings.key ? 'key' : undefined;
}

/** SHA-256 of a token, as it is stored. 256 random bits need no salt and no slow hash. */
export function hashToken(token: string): Hex {
  return `0x${createHash('sha256').update(token).digest('hex')}`;
}

export function prefixOf(token: string): string {
  return token.slice(0, PREFIX_LENGTH);
}
