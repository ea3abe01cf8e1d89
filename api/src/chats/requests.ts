import { chatLinkRequest } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { hashToken } from '../identity/tokens.ts';
import { type ChatAccount, chatAccountOf } from './chat-account.ts';
import { readName, sealName } from './names.ts';
import { phraseOf } from './statement.ts';
import { newLinkToken } from './tokens.ts';

/** An invitation waits this long, milliseconds. */
const WAITS_MS = 10 * 60_000;
/** Invitations of one chat account in an hour. */
const PER_HOUR = 10;

export type Invitation = {
  /** For whoever asked, and nobody else: the page with the token. */
  readonly url: string;
  /** For the bot alone. */
  readonly claim: string;
  readonly phrase: string;
  readonly expiresAt: Date;
};

export type RequestState = 'waiting' | 'signed' | 'confirmed' | 'refused' | 'expired';

export type LinkRequest = ChatAccount & {
  readonly tokenHash: Hex;
  readonly userName: string;
  readonly phrase: string;
  readonly expiresAt: Date;
  readonly state: RequestState;
  /** The wallet that signed. */
  readonly account: Hex | null;
};

/** Neither used, refused nor too old. */
export const isOpen = and(
  isNull(chatLinkRequest.usedAt),
  isNull(chatLinkRequest.refusedAt),
  gt(chatLinkRequest.expiresAt, sql`now()`),
);

/**
 * Invites a chat account to link a wallet. Earlier invitations of it are void from then on.
 * @throws RATE_LIMITED when it had too many within the hour
 */
export async function startLink(
  context: ApiContext,
  { userName, ...named }: ChatAccount & { readonly userName: string },
): Promise<Invitation> {
  const account = chatAccountOf(named);
  const { platform, userId: platformUserId } = account;
  const [token, claim] = [newLinkToken('link'), newLinkToken('claim')];
  const tokenHash = hashToken(token);
  const expiresAt = new Date(Date.now() + WAITS_MS);
  const isOurs = and(eq(chatLinkRequest.platform, platform), eq(chatLinkRequest.platformUserId, platformUserId));
  const sealedName = sealName(context, userName, account);
  await context.app.db.transaction(async (transaction) => {
    await transaction.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`chat links of ${platform} ${platformUserId}`}, 0))`,
    );
    await transaction.delete(chatLinkRequest).where(lt(chatLinkRequest.expiresAt, sql`now() - interval '1 day'`));
    const lately = await transaction.$count(
      chatLinkRequest,
      and(isOurs, gt(chatLinkRequest.createdAt, sql`now() - interval '1 hour'`)),
    );
    if (lately >= PER_HOUR) {
      throw userError('RATE_LIMITED', `This chat account asked for ${lately} links within an hour: try again later.`);
    }
    await transaction.update(chatLinkRequest).set({ refusedAt: sql`now()` }).where(and(isOurs, isOpen));
    await transaction
      .insert(chatLinkRequest)
      .values({ tokenHash, claimHash: hashToken(claim), platform, platformUserId, sealedName, expiresAt });
  });
  // After the #, so that it reaches no server's log and no other page.
  return { url: new URL(`/link#${token}`, context.publicUrl()).href, claim, phrase: phraseOf(tokenHash), expiresAt };
}

/** @throws NOT_FOUND for a token or claim that is none, or is long over */
export async function requestBy(
  context: ApiContext,
  which: { readonly token: string } | { readonly claim: string },
): Promise<LinkRequest> {
  const isIt =
    'token' in which
      ? eq(chatLinkRequest.tokenHash, hashToken(which.token))
      : eq(chatLinkRequest.claimHash, hashToken(which.claim));
  const [row] = await context.app.db
    .select({ row: chatLinkRequest, isOver: sql<boolean>`${chatLinkRequest.expiresAt} <= now()` })
    .from(chatLinkRequest)
    .where(isIt);
  if (row === undefined) throw noSuchLink();
  const { tokenHash, platform, platformUserId: userId, sealedName, expiresAt, account } = row.row;
  const userName = readName(context, sealedName, { platform, userId });
  const state = stateOf(row.row, row.isOver);
  return { tokenHash, platform, userId, userName, phrase: phraseOf(tokenHash), expiresAt, account, state };
}

function stateOf({ usedAt, refusedAt, signedAt }: typeof chatLinkRequest.$inferSelect, isOver: boolean): RequestState {
  if (usedAt !== null) return 'confirmed';
  if (refusedAt !== null) return 'refused';
  if (isOver) return 'expired';
  return signedAt === null ? 'waiting' : 'signed';
}

/** The chat account says that it is not the one that signed, or wants no link. @returns whether it was still open */
export async function refuseLink({ app }: ApiContext, claim: string): Promise<boolean> {
  const refused = await app.db
    .update(chatLinkRequest)
    .set({ refusedAt: sql`now()` })
    .where(and(eq(chatLinkRequest.claimHash, hashToken(claim)), isOpen))
    .returning({ tokenHash: chatLinkRequest.tokenHash });
  return refused.length > 0;
}

export const noSuchLink = () =>
  userError('NOT_FOUND', 'There is no such link, or it is long over: ask the bot for a new one with /link.');
