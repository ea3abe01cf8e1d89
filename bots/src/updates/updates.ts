import type { Database } from '@openledger/db';
import { type ChatPlatform, chatUpdate } from '@openledger/db/app';
import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Secret } from '../state/secret.ts';

/** What a platform sent, and how often it was tried before. */
export type Update = { readonly id: string; readonly payload: unknown; readonly attempts: number };

/** Updates of one platform: each acted on once, however often it comes and whenever the process dies. */
export type Updates = {
  /** Keeps an update before the platform is told that it arrived. @returns false for one that came before */
  readonly receive: (id: string, payload: unknown) => Promise<boolean>;
  /** The oldest that nobody acts on, as many as given; they are ours until they are done or given up. */
  readonly take: (most: number) => Promise<readonly Update[]>;
  /** Nobody's words are kept longer than they are needed. */
  readonly done: (id: string) => Promise<void>;
  /** Lets it be taken again after a while. */
  readonly giveBack: (id: string) => Promise<void>;
  /** Forgets ids of updates that were done long ago: platforms send none again after so long. */
  readonly prune: () => Promise<void>;
};

/** Whoever has held an update for so long has died. */
const patience = sql`now() - interval '3 minutes'`;

export const createUpdates = (db: Database, secret: Secret, platform: ChatPlatform): Updates => {
  const about = (id: string) => `update of ${platform} ${id}`;
  const isIt = (id: string) => and(eq(chatUpdate.platform, platform), eq(chatUpdate.updateId, id));
  return {
    receive: async (id, payload) => {
      const kept = await db
        .insert(chatUpdate)
        .values({ platform, updateId: id, sealed: secret.close(payload, about(id)) })
        .onConflictDoNothing()
        .returning({ id: chatUpdate.updateId });
      return kept.length > 0;
    },
    take: (most) =>
      db.transaction(async (transaction) => {
        const open = await transaction
          .select({ id: chatUpdate.updateId })
          .from(chatUpdate)
          .where(
            and(
              eq(chatUpdate.platform, platform),
              isNull(chatUpdate.doneAt),
              or(isNull(chatUpdate.takenAt), lt(chatUpdate.takenAt, patience)),
            ),
          )
          .orderBy(asc(chatUpdate.receivedAt), asc(chatUpdate.updateId))
          .limit(most)
          .for('update', { skipLocked: true });
        const taken: Update[] = [];
        for (const { id } of open) {
          const [row] = await transaction
            .update(chatUpdate)
            .set({ takenAt: sql`now()`, attempts: sql`${chatUpdate.attempts} + 1` })
            .where(isIt(id))
            .returning({ sealed: chatUpdate.sealed, attempts: chatUpdate.attempts });
          taken.push({ id, payload: secret.open(row!.sealed!, about(id)), attempts: row!.attempts - 1 });
        }
        return taken;
      }),
    done: async (id) => {
      await db
        .update(chatUpdate)
        .set({ doneAt: sql`now()`, sealed: null })
        .where(and(isIt(id), isNull(chatUpdate.doneAt)));
    },
    giveBack: async (id) => {
      await db
        .update(chatUpdate)
        .set({ takenAt: null })
        .where(and(isIt(id), isNull(chatUpdate.doneAt)));
    },
    prune: async () => {
      await db
        .delete(chatUpdate)
        .where(and(eq(chatUpdate.platform, platform), lt(chatUpdate.doneAt, sql`now() - interval '7 days'`)));
    },
  };
};
