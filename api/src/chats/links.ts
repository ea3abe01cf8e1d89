import { apiKey, chatConsent, chatLink, chatLinkRequest } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { addKey } from '../identity/api-keys.ts';
import { hashToken } from '../identity/tokens.ts';
import { type ChatAccount, platformNames } from './chat-account.ts';
import { readName } from './names.ts';
import { isOpen, requestBy } from './requests.ts';

/** What a bot may do in a wallet's name: nothing about keys, money or who else may act for it. */
const botScopes = ['read', 'contribute', 'review', 'infer'] as const;
/** Query cost a minute of one person in a chat. */
const BUDGET = 10_000;

type Transaction = Parameters<Parameters<ApiContext['app']['db']['transaction']>[0]>[0];

export type LinkRow = ChatAccount & {
  readonly id: bigint;
  readonly account: Hex;
  readonly linkedAt: Date;
  readonly userName: string;
};

export type Confirmed = { readonly account: Hex; readonly token: string };

const ofChat = ({ platform, userId }: ChatAccount) =>
  and(eq(chatLink.platform, platform), eq(chatLink.platformUserId, userId));
const isStanding = isNull(chatLink.unlinkedAt);

/**
 * The chat account says that the wallet which signed is its own: they are linked, a former link ends, and the bot gets a key of
 * the wallet's account, shown this once.
 * @throws NOT_FOUND for a claim that is none, CONFLICT for a link that nobody signed or that is over
 */
export async function confirmLink(context: ApiContext, claim: string): Promise<Confirmed> {
  const { platform, userId, userName, ...request } = await requestBy(context, { claim });
  return context.app.db.transaction(async (transaction) => {
    const [used] = await transaction
      .update(chatLinkRequest)
      .set({ usedAt: sql`now()` })
      .where(and(eq(chatLinkRequest.claimHash, hashToken(claim)), isOpen, sql`${chatLinkRequest.signedAt} is not null`))
      .returning({ account: chatLinkRequest.account, sealedName: chatLinkRequest.sealedName });
    if (used === undefined) {
      const why =
        request.state === 'waiting' ? 'No wallet has signed for this link yet.' : `This link is ${request.state}.`;
      throw userError('CONFLICT', `${why} Ask for a new one with /link.`);
    }
    const account = used.account!;
    await endLinks(transaction, { platform, userId });
    const { token, key } = await addKey(transaction, context.budgets, {
      account,
      name: `${platformNames[platform]}: ${userName}`.slice(0, 80),
      scopes: botScopes,
      budgetPerMinute: BUDGET,
      expiresAt: null,
    });
    await transaction
      .insert(chatLink)
      .values({ platform, platformUserId: userId, account, sealedName: used.sealedName, apiKeyId: key.id });
    return { account, token };
  });
}

/** Ends the standing link of a chat account, and the bot's key with it. @returns whether there was one */
export async function unlink({ app }: ApiContext, account: ChatAccount): Promise<boolean> {
  return app.db.transaction((transaction) => endLinks(transaction, account));
}

/** Ends a link of a wallet's. @throws NOT_FOUND when it has no such link */
export async function unlinkById({ app }: ApiContext, account: Hex, id: bigint): Promise<void> {
  const ended = await app.db.transaction(async (transaction) => {
    const mine = and(eq(chatLink.id, id), eq(chatLink.account, account), isStanding);
    return endWhere(transaction, mine);
  });
  if (!ended) throw userError('NOT_FOUND', 'The account has no such link, or it has ended already.');
}

const endLinks = (transaction: Transaction, account: ChatAccount): Promise<boolean> =>
  endWhere(transaction, and(ofChat(account), isStanding));

async function endWhere(transaction: Transaction, where: ReturnType<typeof and>): Promise<boolean> {
  const ended = await transaction
    .update(chatLink)
    .set({ unlinkedAt: sql`now()` })
    .where(where)
    .returning({ apiKeyId: chatLink.apiKeyId });
  const keys = ended.flatMap(({ apiKeyId }) => apiKeyId ?? []);
  if (keys.length > 0) {
    await transaction
      .update(apiKey)
      .set({ revokedAt: sql`now()` })
      .where(and(inArray(apiKey.id, keys), isNull(apiKey.revokedAt)));
  }
  return ended.length > 0;
}

/** The wallet of a chat account; null without one, and where the wallet has revoked the bot's key. */
export async function linkOf(context: ApiContext, account: ChatAccount): Promise<LinkRow | null> {
  const [row] = await standing(context, ofChat(account));
  return row ?? null;
}

/** Chat accounts that act for a wallet, newest first. */
export const linksOf = (context: ApiContext, account: Hex): Promise<LinkRow[]> =>
  standing(context, eq(chatLink.account, account));

async function standing(context: ApiContext, where: ReturnType<typeof and>): Promise<LinkRow[]> {
  const rows = await context.app.db
    .select({ link: chatLink })
    .from(chatLink)
    .innerJoin(apiKey, and(eq(apiKey.id, chatLink.apiKeyId), isNull(apiKey.revokedAt)))
    .where(and(where, isStanding))
    .orderBy(sql`${chatLink.id} desc`)
    .limit(100);
  return rows.map(({ link: { id, platform, platformUserId: userId, account, linkedAt, sealedName } }) => {
    const userName = readName(context, sealedName, { platform, userId });
    return { id, platform, userId, account, linkedAt, userName };
  });
}

/** Deletes everything that ties a chat account to anything: links, invitations, consents. The bot's keys are revoked. */
export async function forgetChat({ app }: ApiContext, account: ChatAccount): Promise<void> {
  const { platform, userId } = account;
  await app.db.transaction(async (transaction) => {
    await endLinks(transaction, account);
    await transaction.delete(chatLink).where(ofChat(account));
    await transaction
      .delete(chatLinkRequest)
      .where(and(eq(chatLinkRequest.platform, platform), eq(chatLinkRequest.platformUserId, userId)));
    await transaction
      .delete(chatConsent)
      .where(and(eq(chatConsent.platform, platform), eq(chatConsent.platformUserId, userId)));
  });
}
