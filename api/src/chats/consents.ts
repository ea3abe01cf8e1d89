import { putContents } from '@openledger/db';
import { chatConsent } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import type { ChatAccount } from './chat-account.ts';

export type ConsentPurpose = (typeof chatConsent.$inferSelect)['purpose'];
export type Consent = { readonly purpose: ConsentPurpose; readonly textHash: Hex; readonly grantedAt: Date };

const TEXT_LENGTH = 4_000;

const standing = ({ platform, userId }: ChatAccount) =>
  and(eq(chatConsent.platform, platform), eq(chatConsent.platformUserId, userId), isNull(chatConsent.revokedAt));

/** What a chat account agrees to now. */
export const consentsOf = ({ app }: ApiContext, account: ChatAccount): Promise<Consent[]> =>
  app.db
    .select({ purpose: chatConsent.purpose, textHash: chatConsent.textHash, grantedAt: chatConsent.grantedAt })
    .from(chatConsent)
    .where(standing(account))
    .orderBy(desc(chatConsent.id));

/**
 * Records that a chat account agreed, and to which words. Agreeing to other words takes the place of what stood before.
 * @throws BAD_USER_INPUT without a text
 */
export async function grantConsent(
  { app }: ApiContext,
  account: ChatAccount,
  { purpose, text }: { readonly purpose: ConsentPurpose; readonly text: string },
): Promise<Consent> {
  const shown = text.trim();
  if (shown.length < 20 || shown.length > TEXT_LENGTH) {
    throw badInput(`text has ${shown.length} characters; what was shown and agreed to has 20 to ${TEXT_LENGTH}.`);
  }
  const body = Buffer.from(shown);
  return app.db.transaction(async (transaction) => {
    const [textHash] = await putContents(transaction, [{ mediaType: 'text/plain; charset=utf-8', body }]);
    const lock = `chat consents of ${account.platform} ${account.userId}`;
    await transaction.execute(sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
    await transaction
      .update(chatConsent)
      .set({ revokedAt: sql`now()` })
      .where(and(standing(account), eq(chatConsent.purpose, purpose)));
    const [made] = await transaction
      .insert(chatConsent)
      .values({ platform: account.platform, platformUserId: account.userId, purpose, textHash: textHash! })
      .returning({ purpose: chatConsent.purpose, textHash: chatConsent.textHash, grantedAt: chatConsent.grantedAt });
    return made!;
  });
}

/** @returns whether it had agreed */
export async function revokeConsent(
  { app }: ApiContext,
  account: ChatAccount,
  purpose: ConsentPurpose,
): Promise<boolean> {
  const revoked = await app.db
    .update(chatConsent)
    .set({ revokedAt: sql`now()` })
    .where(and(standing(account), eq(chatConsent.purpose, purpose)))
    .returning({ id: chatConsent.id });
  return revoked.length > 0;
}
