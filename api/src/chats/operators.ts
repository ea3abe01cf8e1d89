import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';

/**
 * The account of a bot that this API's operator trusts to say who writes to it.
 * @throws UNAUTHENTICATED, or FORBIDDEN for a key without CHAT and for everybody else's account
 */
export function requireOperator(context: Pick<ApiContext, 'caller' | 'chatOperators'>): Hex {
  const account = requireAccount(context, 'chat');
  if (context.chatOperators.includes(account)) return account;
  throw userError('FORBIDDEN', `${account} runs no bots here: the operator of this API names those in CHAT_OPERATORS.`);
}
