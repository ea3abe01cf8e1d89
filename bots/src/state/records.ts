import type { Database } from '@openledger/db';
import { chatCooldown, chatDialog, chatKey, chatRole, chatSubscription } from '@openledger/db/app';
import { and, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { OwnRecords } from '../core/context.ts';
import type { Person } from '../core/person.ts';
import { endRole, lookAtRole } from './roles.ts';
import type { Secret } from './secret.ts';

type Who = Pick<Person, 'platform' | 'id'>;
type Hex = `0x${string}`;

/** What the bot keeps of people, in Postgres. */
export type Records = {
  readonly of: (person: Who) => OwnRecords;
  /** The key that acts for a person's wallet, with the wallet's account. */
  readonly keyOf: (person: Who) => Promise<{ readonly account: Hex; readonly token: string } | undefined>;
};

const kept = z.object({ token: z.string() });
const about = ({ platform, id }: Who): string => `key of ${platform} ${id}`;

export const createRecords = (db: Database, secret: Secret): Records => {
  const dropKey = async ({ platform, id }: Who): Promise<void> => {
    await db.delete(chatKey).where(and(eq(chatKey.platform, platform), eq(chatKey.platformUserId, id)));
    if (platform === 'discord') await lookAtRole(db, id);
  };

  const of = (person: Who): OwnRecords => {
    const { platform, id: platformUserId } = person;
    return {
      keepKey: async ({ account, token }) => {
        const sealedToken = secret.close({ token }, about(person));
        const row = { account: account.toLowerCase() as Hex, sealedToken };
        await db
          .insert(chatKey)
          .values({ platform, platformUserId, ...row })
          .onConflictDoUpdate({
            target: [chatKey.platform, chatKey.platformUserId],
            set: { ...row, createdAt: sql`now()` },
          });
        if (platform === 'discord') await lookAtRole(db, platformUserId);
      },
      dropKey: () => dropKey(person),
      waitFor: async (what, seconds) => {
        const until = sql`now() + make_interval(secs => ${seconds})`;
        const begun = await db
          .insert(chatCooldown)
          .values({ platform, platformUserId, what, until })
          .onConflictDoUpdate({
            target: [chatCooldown.platform, chatCooldown.platformUserId, chatCooldown.what],
            set: { until },
            setWhere: lt(chatCooldown.until, sql`now()`),
          })
          .returning({ what: chatCooldown.what });
        if (begun.length > 0) return 0;
        const [left] = await db
          .select({ seconds: sql<number>`ceil(extract(epoch from ${chatCooldown.until} - now()))::int` })
          .from(chatCooldown)
          .where(
            and(
              eq(chatCooldown.platform, platform),
              eq(chatCooldown.platformUserId, platformUserId),
              eq(chatCooldown.what, what),
            ),
          );
        return Math.max(1, left?.seconds ?? 1);
      },
      all: async () => {
        const alerts = await db
          .select({
            topic: chatSubscription.topic,
            recipient: chatSubscription.recipient,
            locale: chatSubscription.locale,
            createdAt: chatSubscription.createdAt,
          })
          .from(chatSubscription)
          .where(and(eq(chatSubscription.platform, platform), eq(chatSubscription.platformUserId, platformUserId)));
        const key = await keyOf(person);
        const roles =
          platform === 'discord'
            ? await db
                .select({ since: chatRole.createdAt })
                .from(chatRole)
                .where(eq(chatRole.platformUserId, platformUserId))
            : [];
        return { alerts, actsFor: key?.account ?? null, linkedRolesSince: roles[0]?.since ?? null };
      },
      forget: () =>
        db.transaction(async (transaction) => {
          for (const table of [chatKey, chatDialog, chatSubscription, chatCooldown]) {
            await transaction
              .delete(table)
              .where(and(eq(table.platform, platform), eq(table.platformUserId, platformUserId)));
          }
          if (platform === 'discord') await endRole(transaction, platformUserId);
        }),
    };
  };

  const keyOf: Records['keyOf'] = async (person) => {
    const [row] = await db
      .select({ account: chatKey.account, sealedToken: chatKey.sealedToken })
      .from(chatKey)
      .where(and(eq(chatKey.platform, person.platform), eq(chatKey.platformUserId, person.id)));
    if (row === undefined) return undefined;
    const { token } = kept.parse(secret.open(row.sealedToken, about(person)));
    return { account: row.account, token };
  };

  return { of, keyOf };
};
