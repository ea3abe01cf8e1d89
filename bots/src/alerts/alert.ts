import type { Database } from '@openledger/db';
import { chatKey, chatSubscription, outboxMessage } from '@openledger/db/app';
import { and, eq, inArray } from 'drizzle-orm';

export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** What is told of one thing that happened, to whoever wanted to be told of such things. */
export type Alert = {
  readonly topic: (typeof chatSubscription.$inferSelect)['topic'];
  /** Whose; `everybody` is for people and places, but not for those wallets; `places` for places alone. */
  readonly to: { readonly account: string } | { readonly everybodyBut: ReadonlySet<string> } | 'everybody' | 'places';
  readonly say: (locale: string) => string;
};

/**
 * Writes an alert into the outbox.
 *
 * @param key of what happened: nobody is told of it twice
 * @returns how many will be told now
 */
export const writeAlert = async (transaction: Transaction, key: string, { topic, to, say }: Alert): Promise<number> => {
  const subscribed = await transaction
    .select({
      platform: chatSubscription.platform,
      recipient: chatSubscription.recipient,
      locale: chatSubscription.locale,
      owner: chatSubscription.platformUserId,
      account: chatKey.account,
    })
    .from(chatSubscription)
    .leftJoin(
      chatKey,
      and(eq(chatKey.platform, chatSubscription.platform), eq(chatKey.platformUserId, chatSubscription.platformUserId)),
    )
    .where(and(eq(chatSubscription.topic, topic), inArray(chatSubscription.platform, ['telegram', 'discord'])));
  const isFor = (owner: string | null, own: string | null): boolean => {
    if (to === 'everybody') return true;
    if (to === 'places') return owner === null;
    return 'account' in to ? owner !== null && own === to.account : own === null || !to.everybodyBut.has(own);
  };
  let written = 0;
  for (const { platform, recipient, locale, owner } of subscribed.filter((each) => isFor(each.owner, each.account))) {
    const rows = await transaction
      .insert(outboxMessage)
      .values({
        dedupeKey: `${platform} ${recipient} ${key}`,
        channel: platform as 'telegram' | 'discord',
        recipient,
        payload: { text: say(locale), alone: owner !== null },
      })
      .onConflictDoNothing()
      .returning({ id: outboxMessage.id });
    written += rows.length;
  }
  return written;
};
