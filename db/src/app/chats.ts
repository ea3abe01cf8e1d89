import { sql } from 'drizzle-orm';
import { bigint, check, index, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { apiKey } from './api-keys.ts';
import { app, bytes, hex, isAddress, isHash, isOneOf, moment, written } from './columns.ts';

export const chatPlatforms = ['discord', 'telegram'] as const;
export type ChatPlatform = (typeof chatPlatforms)[number];

const platform = () => text().$type<ChatPlatform>().notNull();

/** A wallet that a chat account proved to be its own; one at a time, and its history. */
export const chatLink = app.table(
  'chat_link',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    platform: platform(),
    platformUserId: text().notNull(),
    account: hex().notNull(),
    /** What the platform calls the account, sealed. */
    sealedName: bytes().notNull(),
    /** With which the bot acts for the wallet. */
    apiKeyId: uuid().references(() => apiKey.id, { onDelete: 'set null' }),
    linkedAt: written(),
    unlinkedAt: moment(),
  },
  (t) => [
    isOneOf('chat_link_platform_is_known', t.platform, chatPlatforms),
    isAddress('chat_link_account_is_address', t.account),
    uniqueIndex('chat_link_user_key').on(t.platform, t.platformUserId).where(sql`${t.unlinkedAt} is null`),
    index('chat_link_account_idx').on(t.account).where(sql`${t.unlinkedAt} is null`),
  ],
);

/**
 * A short-lived, single-use invitation to link, bound to the chat account that asked for it: a wallet signs on the page that
 * has the token, and the chat account confirms through the bot, which has the claim.
 */
export const chatLinkRequest = app.table(
  'chat_link_request',
  {
    /** SHA-256 of the token in the link. */
    tokenHash: hex().primaryKey(),
    /** SHA-256 of what the bot keeps to itself. */
    claimHash: hex().notNull().unique(),
    platform: platform(),
    platformUserId: text().notNull(),
    sealedName: bytes().notNull(),
    createdAt: written(),
    expiresAt: moment().notNull(),
    /** The wallet that signed on the page, before the chat account confirmed it. */
    account: hex(),
    signedAt: moment(),
    /** When the chat account confirmed it. */
    usedAt: moment(),
    /** When the chat account said that it is not its own. */
    refusedAt: moment(),
  },
  (t) => [
    isHash('chat_link_request_token_is_hash', t.tokenHash),
    isHash('chat_link_request_claim_is_hash', t.claimHash),
    isOneOf('chat_link_request_platform_is_known', t.platform, chatPlatforms),
    isAddress('chat_link_request_account_is_address', t.account),
    check('chat_link_request_is_signed_whole', sql`(${t.account} is null) = (${t.signedAt} is null)`),
    check('chat_link_request_is_signed_first', sql`${t.usedAt} is null or ${t.signedAt} is not null`),
    check('chat_link_request_ends_once', sql`num_nonnulls(${t.usedAt}, ${t.refusedAt}) < 2`),
    check('chat_link_request_expires_later', sql`${t.expiresAt} > ${t.createdAt}`),
    index('chat_link_request_user_idx').on(t.platform, t.platformUserId, t.createdAt),
    index('chat_link_request_expires_idx').on(t.expiresAt),
  ],
);

/** What a chat account agreed to, in which words, and until when. */
export const chatConsent = app.table(
  'chat_consent',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    platform: platform(),
    platformUserId: text().notNull(),
    purpose: text().$type<'contribute' | 'alerts'>().notNull(),
    /** keccak256 of the text that was shown, which `content` holds. */
    textHash: hex().notNull(),
    grantedAt: written(),
    revokedAt: moment(),
  },
  (t) => [
    isOneOf('chat_consent_platform_is_known', t.platform, chatPlatforms),
    isOneOf('chat_consent_purpose_is_known', t.purpose, ['contribute', 'alerts']),
    isHash('chat_consent_text_is_hash', t.textHash),
    uniqueIndex('chat_consent_purpose_key')
      .on(t.platform, t.platformUserId, t.purpose)
      .where(sql`${t.revokedAt} is null`),
  ],
);
