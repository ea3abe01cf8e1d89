import { randomBytes } from 'node:crypto';
import { signInNonce } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { lt, sql } from 'drizzle-orm';
import { getAddress } from 'viem';
import { createSiweMessage } from 'viem/siwe';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';

/** A message waits this long for its signature, milliseconds. */
const WAITS_MS = 10 * 60_000;
export const STATEMENT = 'Sign in to OpenLedger. This costs nothing and sends no transaction.';

export type SignInMessage = { readonly message: string; readonly nonce: string; readonly expiresAt: Date };

/** Web origins that a signature may be bound to: the API's own, and those it lets in by name. */
export function signInOrigins({ publicUrl, origins }: Pick<ApiContext, 'publicUrl' | 'origins'>): readonly string[] {
  return [publicUrl().origin, ...origins.filter((origin) => origin !== '*')];
}

/**
 * The message of EIP-4361 that an account signs to sign in, with a nonce that is good once and for ten minutes.
 * @throws BAD_USER_INPUT for a web origin that this API does not know
 */
export async function createSignInMessage(
  context: ApiContext,
  account: Hex,
  origin: string | null | undefined,
  statement: string = STATEMENT,
): Promise<SignInMessage> {
  const known = signInOrigins(context);
  const uri = origin ?? known[0]!;
  if (!known.includes(uri)) {
    throw badInput(`origin is ${JSON.stringify(uri.slice(0, 100))}; signing in works from ${known.join(', ')}.`);
  }
  const nonce = randomBytes(16).toString('hex');
  const issuedAt = new Date();
  const expiresAt = new Date(issuedAt.getTime() + WAITS_MS);
  await context.app.db.delete(signInNonce).where(lt(signInNonce.expiresAt, sql`now() - interval '1 hour'`));
  await context.app.db.insert(signInNonce).values({ nonce, expiresAt });
  const { host, protocol } = new URL(uri);
  const message = createSiweMessage({
    domain: host,
    scheme: protocol.slice(0, -1),
    address: getAddress(account),
    statement,
    uri,
    version: '1',
    chainId: Number(context.deployment.chainId),
    nonce,
    issuedAt,
    expirationTime: expiresAt,
  });
  return { message, nonce, expiresAt };
}
