import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import type { Scope } from './scopes.ts';

/**
 * The account that asks, lower-case.
 * @throws UNAUTHENTICATED when nobody signed in, FORBIDDEN when a key lacks the scope
 */
export function requireAccount({ caller }: Pick<ApiContext, 'caller'>, scope: Scope): Hex {
  if (caller.kind === 'anonymous') {
    throw userError(
      'UNAUTHENTICATED',
      'This needs an account: sign in (signInMessage, signIn), or send an API key as "Authorization: Bearer olk_…".',
    );
  }
  if (caller.kind === 'key' && !caller.scopes.includes(scope)) {
    throw userError(
      'FORBIDDEN',
      `This needs a key with the scope ${scope.toUpperCase()}; this one has ${caller.scopes.join(', ').toUpperCase()}.`,
    );
  }
  return caller.account;
}
