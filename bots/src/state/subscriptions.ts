import type { Database } from '@openledger/db';
import { type ChatPlatform, chatSubscription } from '@openledger/db/app';
import { and, eq, isNull, or } from 'drizzle-orm';
import type { Person, Place } from '../core/person.ts';
import type { Subscription, Subscriptions } from '../core/subscriptions.ts';

export type Where = {
  readonly person: Person;
  readonly place: Place;
  /** The chat alone with the person: on Telegram its id is the person's, on Discord it is opened when something is sent. */
  readonly aloneWith: string;
  readonly locale: string;
};

/** What is written about unasked, in Postgres. */
export const subscriptionsOf = (db: Database, { person, place, aloneWith, locale }: Where): Subscriptions => {
  const { platform } = person;
  const rowOf = ({ topic, for: target }: Subscription) => ({
    platform,
    topic,
    recipient: target === 'self' ? aloneWith : place.id,
    platformUserId: target === 'self' ? person.id : null,
  });
  const isRow = (row: ReturnType<typeof rowOf>) =>
    and(
      eq(chatSubscription.platform, row.platform),
      eq(chatSubscription.topic, row.topic),
      eq(chatSubscription.recipient, row.recipient),
      row.platformUserId === null
        ? isNull(chatSubscription.platformUserId)
        : eq(chatSubscription.platformUserId, row.platformUserId),
    );
  return {
    list: async () => {
      const rows = await db
        .select({ topic: chatSubscription.topic, owner: chatSubscription.platformUserId })
        .from(chatSubscription)
        .where(
          and(
            eq(chatSubscription.platform, platform),
            or(
              eq(chatSubscription.platformUserId, person.id),
              and(isNull(chatSubscription.platformUserId), eq(chatSubscription.recipient, place.id)),
            ),
          ),
        );
      return rows.map(({ topic, owner }): Subscription => ({ topic, for: owner === null ? 'place' : 'self' }));
    },
    add: async (subscription) => {
      const added = await db
        .insert(chatSubscription)
        .values({ ...rowOf(subscription), locale })
        .onConflictDoNothing()
        .returning({ id: chatSubscription.id });
      return added.length > 0;
    },
    remove: async (subscription) => {
      const removed = await db
        .delete(chatSubscription)
        .where(isRow(rowOf(subscription)))
        .returning({ id: chatSubscription.id });
      return removed.length > 0;
    },
  };
};

/** Nothing more is written to whoever blocked the bot, or a place that it was sent out of. */
export const unsubscribe = async (db: Database, platform: ChatPlatform, recipient: string): Promise<void> => {
  await db
    .delete(chatSubscription)
    .where(and(eq(chatSubscription.platform, platform), eq(chatSubscription.recipient, recipient)));
};

/** A place has another id from now on: what it wanted to be told of goes there. */
export const moveSubscriptions = async (
  db: Database,
  platform: ChatPlatform,
  from: string,
  to: string,
): Promise<void> => {
  await db.transaction(async (transaction) => {
    const standing = await transaction
      .delete(chatSubscription)
      .where(and(eq(chatSubscription.platform, platform), eq(chatSubscription.recipient, from)))
      .returning();
    for (const { topic, locale, platformUserId } of standing) {
      const moved = { platform, recipient: to, topic, locale, platformUserId };
      await transaction.insert(chatSubscription).values(moved).onConflictDoNothing();
    }
  });
};
