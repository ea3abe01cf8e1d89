import { chatLinkRequest } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { parseSiweMessage } from 'viem/siwe';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { type SignedIn, signIn } from '../identity/sign-in.ts';
import { createSignInMessage, type SignInMessage } from '../identity/sign-in-message.ts';
import { isOpen, type LinkRequest, requestBy } from './requests.ts';
import { statementOf } from './statement.ts';

/** The message of EIP-4361 with which a wallet signs in on the page and agrees to be linked. @throws as `openRequest` */
export async function linkMessage(context: ApiContext, token: string, account: Hex): Promise<SignInMessage> {
  const request = await openRequest(context, token);
  return createSignInMessage(context, account, null, statementOf(request, request.userName));
}

/**
 * Notes which wallet signed for a link, and begins a session for the page, so that the wallet can let the relayer act for it.
 * Nothing is linked yet: the chat account confirms.
 * @throws BAD_USER_INPUT for a message about another chat account, CONFLICT when somebody signed before; as `signIn`
 */
export async function signLink(
  context: ApiContext,
  { token, message, signature }: { readonly token: string; readonly message: string; readonly signature: Hex },
): Promise<SignedIn> {
  const request = await openRequest(context, token);
  const { address, statement } = parseSiweMessage(message);
  if (statement !== statementOf(request, request.userName)) {
    throw badInput('message is about another chat account: sign the one that chatLinkMessage gave for this link.');
  }
  const signed = await signIn(context, { message, signature, cookie: false });
  const noted = await context.app.db
    .update(chatLinkRequest)
    .set({ account: address!.toLowerCase() as Hex, signedAt: sql`now()` })
    .where(and(eq(chatLinkRequest.tokenHash, request.tokenHash), isOpen, isNull(chatLinkRequest.signedAt)))
    .returning({ tokenHash: chatLinkRequest.tokenHash });
  if (noted.length === 0)
    throw userError('CONFLICT', 'Somebody signed for this link at the same moment: ask for a new one.');
  return signed;
}

/** @throws NOT_FOUND, or CONFLICT for a link that was signed, used, refused or is too old */
async function openRequest(context: ApiContext, token: string): Promise<LinkRequest> {
  const request = await requestBy(context, { token });
  if (request.state === 'waiting') return request;
  const why = {
    signed: 'A wallet signed for this link already; it waits for the answer in the chat.',
    confirmed: 'This link was used already.',
    refused: 'This link is void: it was refused in the chat, or a newer one was asked for.',
    expired: 'This link was good for ten minutes, which are over.',
  }[request.state];
  throw userError('CONFLICT', `${why} Ask the bot for a new one with /link.`);
}
