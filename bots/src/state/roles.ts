import type { Database } from '@openledger/db';
import { chatKey, chatRole } from '@openledger/db/app';
import { and, asc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Secret } from './secret.ts';

type Hex = `0x${string}`;
type Writer = Pick<Database, 'update' | 'select'>;

const tokens = z.object({ access: z.string(), refresh: z.string(), until: z.number() });
export type RoleTokens = z.output<typeof tokens>;

export type Role = {
  readonly userId: string;
  readonly tokens: RoleTokens;
  /** SHA-256 of what Discord was told last. */
  readonly told: Hex | null;
  readonly isEnded: boolean;
  /** The wallet that is linked now; undefined without one. */
  readonly account: string | undefined;
};

/** People who let Discord know what they did, in Postgres. */
export type Roles = {
  readonly keep: (userId: string, tokens: RoleTokens) => Promise<void>;
  /** Those whom it is time to look at; they are ours for two minutes. */
  readonly take: (most: number) => Promise<readonly Role[]>;
  readonly renewed: (userId: string, tokens: RoleTokens) => Promise<void>;
  readonly told: (userId: string, what: Hex | undefined, againInSeconds: number) => Promise<void>;
  readonly drop: (userId: string) => Promise<void>;
};

const about = (userId: string): string => `role of discord ${userId}`;
const later = (seconds: number) => sql`now() + make_interval(secs => ${seconds})` as unknown as Date;
const ours = 120;

export const createRoles = (db: Database, secret: Secret): Roles => ({
  keep: async (userId, given) => {
    const row = { sealedTokens: secret.close(given, about(userId)), told: null, lookAt: later(0), endedAt: null };
    await db
      .insert(chatRole)
      .values({ platformUserId: userId, ...row })
      .onConflictDoUpdate({ target: chatRole.platformUserId, set: row });
  },
  take: (most) =>
    db.transaction(async (transaction) => {
      const due = await transaction
        .select({ role: chatRole, account: chatKey.account })
        .from(chatRole)
        .leftJoin(chatKey, and(eq(chatKey.platform, 'discord'), eq(chatKey.platformUserId, chatRole.platformUserId)))
        .where(lte(chatRole.lookAt, sql`now()`))
        .orderBy(asc(chatRole.lookAt))
        .limit(most)
        .for('update', { of: chatRole, skipLocked: true });
      const ids = due.map(({ role }) => role.platformUserId);
      if (ids.length > 0) {
        await transaction
          .update(chatRole)
          .set({ lookAt: later(ours) })
          .where(inArray(chatRole.platformUserId, ids));
      }
      return due.map(({ role, account }) => ({
        userId: role.platformUserId,
        tokens: tokens.parse(secret.open(role.sealedTokens, about(role.platformUserId))),
        told: role.told,
        isEnded: role.endedAt !== null,
        account: account ?? undefined,
      }));
    }),
  renewed: async (userId, given) => {
    const sealedTokens = secret.close(given, about(userId));
    await db.update(chatRole).set({ sealedTokens }).where(eq(chatRole.platformUserId, userId));
  },
  told: async (userId, what, seconds) => {
    // What changed meanwhile is looked at again at once.
    const isUnchanged = sql`${chatRole.lookAt} > now()`;
    await db
      .update(chatRole)
      .set({ ...(what !== undefined && { told: what }), lookAt: later(seconds) })
      .where(and(eq(chatRole.platformUserId, userId), isNull(chatRole.endedAt), isUnchanged));
  },
  drop: async (userId) => {
    await db.delete(chatRole).where(eq(chatRole.platformUserId, userId));
  },
});

/** Something about a person changed. */
export const lookAtRole = async (db: Writer, userId: string): Promise<void> => {
  await db
    .update(chatRole)
    .set({ lookAt: later(0) })
    .where(eq(chatRole.platformUserId, userId));
};

/** Something about accounts changed: whoever linked one of them. */
export const lookAtRolesOf = async (db: Writer, accounts: readonly string[]): Promise<void> => {
  if (accounts.length === 0) return;
  const whose = db
    .select({ id: chatKey.platformUserId })
    .from(chatKey)
    .where(and(eq(chatKey.platform, 'discord'), inArray(chatKey.account, accounts as readonly Hex[] as Hex[])));
  await db
    .update(chatRole)
    .set({ lookAt: later(0) })
    .where(inArray(chatRole.platformUserId, whose));
};

/** A person wants to be forgotten: Discord is told to forget them too, and then nothing is kept. */
export const endRole = async (db: Writer, userId: string): Promise<void> => {
  await db
    .update(chatRole)
    .set({ endedAt: sql`now()`, lookAt: later(0) })
    .where(eq(chatRole.platformUserId, userId));
};
