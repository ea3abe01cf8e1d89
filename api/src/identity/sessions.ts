import { session } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';

/** How long a session lasts, milliseconds: a week. */
export const SESSION_MS = 7 * 86_400_000;
/** Sessions of one account that are listed. */
const LISTED = 100;

/** A session as its account sees it: the token and its hash stay out. */
export const sessionColumns = {
  id: session.id,
  account: session.account,
  createdAt: session.createdAt,
  expiresAt: session.expiresAt,
  lastUsedAt: session.lastUsedAt,
};
export type SessionRow = {
  readonly id: string;
  readonly account: Hex;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
};

const isOpen = and(isNull(session.revokedAt), gt(session.expiresAt, sql`now()`));

/** The sessions in which an account is signed in, newest first. */
export function openSessions({ app }: ApiContext, account: Hex): Promise<SessionRow[]> {
  return app.db
    .select(sessionColumns)
    .from(session)
    .where(and(eq(session.account, account), isOpen))
    .orderBy(desc(session.createdAt))
    .limit(LISTED);
}

export async function openSession({ app }: ApiContext, id: string): Promise<SessionRow | null> {
  const [row] = await app.db
    .select(sessionColumns)
    .from(session)
    .where(and(eq(session.id, id), isOpen));
  return row ?? null;
}

/** Ends a session of an account's. @returns whether there was one */
export async function endSession({ app }: ApiContext, account: Hex, id: string): Promise<boolean> {
  const ended = await app.db
    .update(session)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(session.id, id), eq(session.account, account), isOpen))
    .returning({ id: session.id });
  return ended.length > 0;
}
