import { apiKey } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import type { Caller } from './caller.ts';
import type { Scope } from './scopes.ts';
import { hashToken, newToken, prefixOf } from './tokens.ts';

/** Keys that an account may have at a time. */
const MAX_KEYS = 50;
const NAME_LENGTH = 80;
/** When nobody says: enough for a dashboard. */
const DEFAULT_BUDGET = 50_000;

/** A key as its account sees it: the key itself and its hash stay out. */
export const apiKeyColumns = {
  id: apiKey.id,
  account: apiKey.account,
  name: apiKey.name,
  prefix: apiKey.prefix,
  scopes: apiKey.scopes,
  budgetPerMinute: apiKey.budgetPerMinute,
  createdAt: apiKey.createdAt,
  expiresAt: apiKey.expiresAt,
  lastUsedAt: apiKey.lastUsedAt,
};
export type ApiKeyRow = Omit<typeof apiKey.$inferSelect, 'keyHash' | 'revokedAt'>;

const isGood = and(isNull(apiKey.revokedAt), or(isNull(apiKey.expiresAt), gt(apiKey.expiresAt, sql`now()`)));

export type NewKey = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly budgetPerMinute: number | null | undefined;
  /** Unix seconds. */
  readonly expiresAt: bigint | null | undefined;
};

/**
 * Makes a key for an account, which is shown once. All keys of an account share what the API gives one account.
 * @throws FORBIDDEN when a key asks for one that may do or spend more, or lasts longer, than itself
 */
export async function createKey(
  { app, caller, budgets }: ApiContext,
  account: Hex,
  asked: NewKey,
): Promise<{ token: string; key: ApiKeyRow }> {
  const name = asked.name.trim();
  if (name.length < 1 || name.length > NAME_LENGTH) {
    throw badInput(`name has ${name.length} characters; 1 to ${NAME_LENGTH} are taken.`);
  }
  const scopes = [...new Set(asked.scopes)];
  if (scopes.length === 0) throw badInput('scopes is empty: a key needs at least one.');
  const budgetPerMinute = asked.budgetPerMinute ?? Math.min(DEFAULT_BUDGET, budgets.keys);
  if (budgetPerMinute < 1) throw badInput(`budgetPerMinute is ${budgetPerMinute}: it must be above 0.`);
  const expiresAt = asked.expiresAt == null ? null : new Date(Number(asked.expiresAt) * 1000);
  if (expiresAt !== null && expiresAt.getTime() <= Date.now()) throw badInput('expiresAt is in the past.');
  checkAgainst(caller, { scopes, budgetPerMinute, expiresAt });

  return app.db.transaction((transaction) =>
    addKey(transaction, budgets, { account, name, scopes, budgetPerMinute, expiresAt }),
  );
}

type Transaction = Parameters<Parameters<ApiContext['app']['db']['transaction']>[0]>[0];

/** Adds a key, whoever asked for it. @throws CONFLICT or BUDGET_EXCEEDED when the account has no room for one */
export async function addKey(
  transaction: Transaction,
  budgets: ApiContext['budgets'],
  { account, name, scopes, budgetPerMinute, expiresAt }: Rights & { readonly account: Hex; readonly name: string },
): Promise<{ token: string; key: ApiKeyRow }> {
  const token = newToken('key');
  // Two keys made at once would both find room for one.
  await transaction.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`keys of ${account}`}, 0))`);
  const [used] = await transaction
    .select({
      keys: sql<number>`count(*)::int`,
      budget: sql<number>`coalesce(sum(${apiKey.budgetPerMinute}), 0)::float8`,
    })
    .from(apiKey)
    .where(and(eq(apiKey.account, account), isGood));
  if (used!.keys >= MAX_KEYS)
    throw userError('CONFLICT', `This account has ${used!.keys} keys already: revoke one first.`);
  if (used!.budget + budgetPerMinute > budgets.keys) {
    throw userError(
      'BUDGET_EXCEEDED',
      `All keys of an account may spend ${budgets.keys} a minute together; ${Math.max(0, budgets.keys - used!.budget)} of that are left.`,
    );
  }
  const [made] = await transaction
    .insert(apiKey)
    .values({
      account,
      name,
      prefix: prefixOf(token),
      keyHash: hashToken(token),
      scopes: [...scopes],
      budgetPerMinute,
      expiresAt,
    })
    .returning(apiKeyColumns);
  return { token, key: made! };
}

type Rights = { scopes: readonly Scope[]; budgetPerMinute: number; expiresAt: Date | null };

function checkAgainst(caller: Caller, asked: Rights): void {
  if (caller.kind !== 'key') return;
  const more = asked.scopes.filter((scope) => !caller.scopes.includes(scope));
  if (more.length > 0) {
    throw userError(
      'FORBIDDEN',
      `A key cannot make one with more scopes than itself: it lacks ${more.join(', ').toUpperCase()}.`,
    );
  }
  if (asked.budgetPerMinute > caller.budgetPerMinute) {
    throw userError('FORBIDDEN', `A key cannot make one with a larger budget than its own ${caller.budgetPerMinute}.`);
  }
  if (caller.expiresAt !== null && (asked.expiresAt === null || asked.expiresAt > caller.expiresAt)) {
    throw userError(
      'FORBIDDEN',
      `A key cannot make one that lasts longer than itself, to ${caller.expiresAt.toISOString()}.`,
    );
  }
}

/** The keys of an account that are good, newest first. */
export function goodKeys({ app }: ApiContext, account: Hex): Promise<ApiKeyRow[]> {
  return app.db
    .select(apiKeyColumns)
    .from(apiKey)
    .where(and(eq(apiKey.account, account), isGood))
    .orderBy(desc(apiKey.createdAt));
}

export async function goodKey({ app }: ApiContext, id: string): Promise<ApiKeyRow | null> {
  const [row] = await app.db
    .select(apiKeyColumns)
    .from(apiKey)
    .where(and(eq(apiKey.id, id), isGood));
  return row ?? null;
}

/** Ends a key of an account's for good. @returns whether there was one */
export async function revokeKey({ app }: ApiContext, account: Hex, id: string): Promise<boolean> {
  const revoked = await app.db
    .update(apiKey)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKey.id, id), eq(apiKey.account, account), isGood))
    .returning({ id: apiKey.id });
  return revoked.length > 0;
}
