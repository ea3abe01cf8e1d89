import type { Connection } from '@openledger/db';
import { apiKey, session } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import { userError } from '../errors.ts';
import { sessionCookie } from './cookie.ts';
import type { Scope } from './scopes.ts';
import { hashToken, kindOf, type TokenKind } from './tokens.ts';

/** Who asks. Accounts are lower-case. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'session'; readonly account: Hex; readonly sessionId: string }
  | {
      readonly kind: 'key';
      readonly account: Hex;
      readonly keyId: string;
      readonly scopes: readonly Scope[];
      /** Query cost that it may spend in a minute. */
      readonly budgetPerMinute: number;
      readonly expiresAt: Date | null;
    };

export const anonymous: Caller = { kind: 'anonymous' };

/** When somebody was here last is kept to the minute: a write for each request would be too much. */
const sinceLastMinute = sql`now() - interval '1 minute'`;

/**
 * Who sent a request, by its `Authorization: Bearer` token or else its session cookie. A cookie that is no longer good
 * makes nobody: browsers go on sending it.
 * @throws UNAUTHENTICATED (HTTP 401) for a token that is wrong, expired or revoked
 */
export async function callerOf(app: Connection, headers: Pick<Headers, 'get'>): Promise<Caller> {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const kind = token === undefined ? undefined : kindOf(token);
    const caller = token !== undefined && kind !== undefined ? await holderOf(app, token, kind) : undefined;
    if (caller === undefined) throw badToken();
    return caller;
  }
  const cookie = sessionCookie(headers);
  if (cookie === undefined || kindOf(cookie) !== 'session') return anonymous;
  return (await holderOf(app, cookie, 'session')) ?? anonymous;
}

function badToken() {
  const error = userError(
    'UNAUTHENTICATED',
    'The token in Authorization is none of ours, has expired, or was revoked. Send "Authorization: Bearer <token>" with one that signIn or createApiKey gave, or leave the header out.',
  );
  error.extensions.http = { status: 401, headers: { 'www-authenticate': 'Bearer' } };
  return error;
}

async function holderOf({ db }: Connection, token: string, kind: TokenKind): Promise<Caller | undefined> {
  const hash = hashToken(token);
  if (kind === 'session') {
    const [found] = await db
      .select({ id: session.id, account: session.account, lastUsedAt: session.lastUsedAt })
      .from(session)
      .where(and(eq(session.tokenHash, hash), isNull(session.revokedAt), gt(session.expiresAt, sql`now()`)));
    if (found === undefined) return undefined;
    if (isOld(found.lastUsedAt)) {
      await db
        .update(session)
        .set({ lastUsedAt: sql`now()` })
        .where(and(eq(session.id, found.id), or(isNull(session.lastUsedAt), lt(session.lastUsedAt, sinceLastMinute))));
    }
    return { kind, account: found.account, sessionId: found.id };
  }
  const [found] = await db
    .select()
    .from(apiKey)
    .where(
      and(
        eq(apiKey.keyHash, hash),
        isNull(apiKey.revokedAt),
        or(isNull(apiKey.expiresAt), gt(apiKey.expiresAt, sql`now()`)),
      ),
    );
  if (found === undefined) return undefined;
  if (isOld(found.lastUsedAt)) {
    await db
      .update(apiKey)
      .set({ lastUsedAt: sql`now()` })
      .where(and(eq(apiKey.id, found.id), or(isNull(apiKey.lastUsedAt), lt(apiKey.lastUsedAt, sinceLastMinute))));
  }
  const { id, account, scopes, budgetPerMinute, expiresAt } = found;
  return { kind, account, keyId: id, scopes, budgetPerMinute, expiresAt };
}

function isOld(lastUsedAt: Date | null): boolean {
  return lastUsedAt === null || Date.now() - lastUsedAt.getTime() > 60_000;
}
