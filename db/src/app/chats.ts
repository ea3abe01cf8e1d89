import { sql } from 'drizzle-orm';
import { bigint, check, index, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { app, hex, isAddress, isHash, isOneOf, moment, written } from './columns.ts';

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

/** A short-lived, single-use invitation to link, bound to the chat account that asked for it. */
export const chatLinkRequest = app.table(
  'chat_link_request',
  {
    /** SHA-256 of the token in the link. */
    tokenHash: hex().primaryKey(),
    platform: platform(),
    platformUserId: text().notNull(),
    createdAt: written(),
    expiresAt: moment().notNull(),
    /** The wallet that signed on the page, before the chat account confirmed it. */
    account: hex(),
    usedAt: moment(),
  },
  (t) => [
    isHash('chat_link_request_token_is_hash', t.tokenHash),
    isOneOf('chat_link_request_platform_is_known', t.platform, chatPlatforms),
    isAddress('chat_link_request_account_is_address', t.account),
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
