import { auditEvent, session, signInNonce } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { getAddress } from 'viem';
import { createSiweMessage, parseSiweMessage, type SiweMessage } from 'viem/siwe';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { setSessionCookie } from './cookie.ts';
import { SESSION_MS, type SessionRow, sessionColumns } from './sessions.ts';
import { signInOrigins } from './sign-in-message.ts';
import { isSignedBy } from './signature.ts';
import { hashToken, newToken } from './tokens.ts';

/** Clocks of clients may go wrong by this much, milliseconds. */
const SKEW_MS = 60_000;
const MESSAGE_LENGTH = 2000;
/** A contract wallet's signature may hold several; hex characters. */
const SIGNATURE_LENGTH = 10_000;

export type SignedIn = { readonly token: string; readonly session: SessionRow };

/**
 * Makes a session for the account that signed a message of `signInMessage`.
 * @throws BAD_USER_INPUT for a message that is not for this API, chain or time; UNAUTHENTICATED for a wrong signature or a
 * nonce that was used already
 */
export async function signIn(
  context: ApiContext,
  { message, signature, cookie }: { message: string; signature: Hex; cookie: boolean },
): Promise<SignedIn> {
  if (message.length > MESSAGE_LENGTH)
    throw badInput(`message has ${message.length} characters; one to sign in has at most ${MESSAGE_LENGTH}.`);
  if (signature.length > SIGNATURE_LENGTH) throw badInput('signature is too long to be one.');
  const { address, nonce } = checkMessage(context, message);
  const account = address.toLowerCase() as Hex;
  const unused = and(eq(signInNonce.nonce, nonce), isNull(signInNonce.usedAt), gt(signInNonce.expiresAt, sql`now()`));

  const { db } = context.app;
  // Looked at first, so that nobody makes us ask the chain with messages of their own making.
  if ((await db.$count(signInNonce, unused)) === 0) throw usedNonce();
  if (!(await isSignedBy(context.chain, { account, message, signature }))) {
    throw userError('UNAUTHENTICATED', `The signature is not ${address}'s of this message.`);
  }
  const token = newToken('session');
  const row = await db.transaction(async (transaction) => {
    const taken = await transaction
      .update(signInNonce)
      .set({ usedAt: sql`now()` })
      .where(unused)
      .returning({ nonce: signInNonce.nonce });
    if (taken.length === 0) throw usedNonce();
    // Of sessions that are long over only the audit log tells.
    const over = lt(session.expiresAt, sql`now() - interval '30 days'`);
    await transaction.delete(session).where(and(eq(session.account, account), over));
    const [made] = await transaction
      .insert(session)
      .values({ tokenHash: hashToken(token), account, expiresAt: new Date(Date.now() + SESSION_MS) })
      .returning(sessionColumns);
    // The guard notes what an account does; here nobody is one yet.
    await transaction.insert(auditEvent).values({
      account,
      sessionId: made!.id,
      action: 'signIn',
      subject: `Session:${made!.id}`,
      genesisHash: context.genesisHash,
      outcome: 'done',
      endedAt: sql`now()`,
    });
    return made!;
  });
  if (cookie) context.respond.append('set-cookie', setSessionCookie(context.publicUrl(), token, SESSION_MS / 1000));
  return { token, session: row };
}

function usedNonce() {
  return userError(
    'UNAUTHENTICATED',
    'The nonce is none of ours, was used already, or has expired: ask for a new signInMessage.',
  );
}

type Parsed = ReturnType<typeof parseSiweMessage>;
type Checked = Pick<SiweMessage, 'address' | 'nonce'>;

/** Every part of a message that binds it to this API, this chain and this moment. @throws BAD_USER_INPUT naming the part */
function checkMessage(context: ApiContext, message: string): Checked {
  const fields = parseSiweMessage(message);
  if (!isWholeMessage(fields, message)) {
    throw badInput('message is no sign-in message (EIP-4361) as signInMessage gives it: sign that one unchanged.');
  }
  const origins = signInOrigins(context);
  const own = origins.find((origin) => origin === fields.uri);
  if (own === undefined || fields.domain !== new URL(own).host) {
    throw badInput(`message signs in to ${fields.domain} (URI ${fields.uri}); this API is ${origins.join(', ')}.`);
  }
  if (fields.scheme !== undefined && `${fields.scheme}:` !== new URL(own).protocol) {
    throw badInput(`message has the scheme ${fields.scheme}; ${own} is expected.`);
  }
  if (BigInt(fields.chainId) !== context.deployment.chainId) {
    throw badInput(`message is for chain ${fields.chainId}; this API is of chain ${context.deployment.chainId}.`);
  }
  const now = Date.now();
  if (fields.expirationTime === undefined || fields.expirationTime.getTime() <= now) {
    throw badInput('message has expired, or says no Expiration Time: ask for a new signInMessage.');
  }
  if (fields.notBefore !== undefined && fields.notBefore.getTime() > now) throw badInput('message is not valid yet.');
  if (fields.issuedAt !== undefined && fields.issuedAt.getTime() > now + SKEW_MS) {
    throw badInput('message was issued in the future: check the clock.');
  }
  return fields;
}

/** Whether a message says exactly what was read from it, and nothing more that a signer may have seen instead. */
function isWholeMessage(fields: Parsed, message: string): fields is SiweMessage {
  try {
    const { address } = fields as SiweMessage;
    return createSiweMessage({ ...(fields as SiweMessage), address: getAddress(address) }) === message;
  } catch {
    return false;
  }
}
