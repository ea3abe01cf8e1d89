import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { apiKey } from './api-keys.ts';
import { app, bytes, hex, isAddress, isHash, isNatural, isOneOf, moment, written } from './columns.ts';

/** `terminal` is for trying everything without an account anywhere. */
export const chatPlatforms = ['discord', 'telegram', 'terminal'] as const;
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

/** A key that a bot acts for a wallet with, sealed; gone when the wallet is unlinked. */
export const chatKey = app.table(
  'chat_key',
  {
    platform: platform(),
    platformUserId: text().notNull(),
    account: hex().notNull(),
    sealedToken: bytes().notNull(),
    createdAt: written(),
  },
  (t) => [
    primaryKey({ columns: [t.platform, t.platformUserId] }),
    isOneOf('chat_key_platform_is_known', t.platform, chatPlatforms),
    isAddress('chat_key_account_is_address', t.account),
  ],
);

/** What a platform sent, once however often it sends it: kept, sealed, until it has been acted on. */
export const chatUpdate = app.table(
  'chat_update',
  {
    platform: platform(),
    /** The platform's own id of it. */
    updateId: text().notNull(),
    /** Null once it is done: nobody's words are kept longer than they are needed. */
    sealed: bytes(),
    attempts: integer().notNull().default(0),
    receivedAt: written(),
    /** When somebody began to act on it; long ago means that they died. */
    takenAt: moment(),
    doneAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.platform, t.updateId] }),
    isOneOf('chat_update_platform_is_known', t.platform, chatPlatforms),
    isNatural('chat_update_attempts_is_natural', t.attempts),
    check('chat_update_is_forgotten_when_done', sql`(${t.doneAt} is null) = (${t.sealed} is not null)`),
    index('chat_update_open_idx').on(t.platform, t.receivedAt).where(sql`${t.doneAt} is null`),
    index('chat_update_done_idx').on(t.doneAt),
  ],
);

/** Questions that a person is being asked one after another, with the answers so far, sealed. */
export const chatDialog = app.table(
  'chat_dialog',
  {
    platform: platform(),
    placeId: text().notNull(),
    platformUserId: text().notNull(),
    sealed: bytes().notNull(),
    expiresAt: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.platform, t.placeId, t.platformUserId] }),
    isOneOf('chat_dialog_platform_is_known', t.platform, chatPlatforms),
    index('chat_dialog_expires_idx').on(t.expiresAt),
  ],
);

export const chatTopics = ['rewards', 'contributions', 'governance'] as const;

/** What a bot writes about unasked, where to, and in which language. */
export const chatSubscription = app.table(
  'chat_subscription',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    platform: platform(),
    /** The chat or channel that is written to. */
    recipient: text().notNull(),
    /** Whose own it is; null where it is for everybody in the place. */
    platformUserId: text(),
    topic: text().$type<(typeof chatTopics)[number]>().notNull(),
    locale: text().notNull(),
    createdAt: written(),
  },
  (t) => [
    isOneOf('chat_subscription_platform_is_known', t.platform, chatPlatforms),
    isOneOf('chat_subscription_topic_is_known', t.topic, chatTopics),
    unique('chat_subscription_once').on(t.platform, t.recipient, t.topic, t.platformUserId).nullsNotDistinct(),
    index('chat_subscription_user_idx').on(t.platform, t.platformUserId),
    index('chat_subscription_topic_idx').on(t.topic, t.id),
  ],
);

/** Until when a person has to wait before doing something again. */
export const chatCooldown = app.table(
  'chat_cooldown',
  {
    platform: platform(),
    platformUserId: text().notNull(),
    what: text().notNull(),
    until: moment().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.platform, t.platformUserId, t.what] }),
    isOneOf('chat_cooldown_platform_is_known', t.platform, chatPlatforms),
    index('chat_cooldown_until_idx').on(t.until),
  ],
);

/** How often something may still be done now, whoever does it: a person, a place, a wallet, or all of them in a datanet. */
export const chatLimit = app.table(
  'chat_limit',
  {
    /** Whose it is: `person telegram 101`. */
    key: text().primaryKey(),
    /** When nothing is left of what was done (the theoretical arrival time of GCRA); a row that is past says nothing any more. */
    until: moment().notNull(),
  },
  (t) => [index('chat_limit_until_idx').on(t.until)],
);

/** How far a bot has read what happens, so that it tells each thing once. */
export const chatCursor = app.table('chat_cursor', {
  name: text().primaryKey(),
  cursor: text().notNull(),
  updatedAt: written(),
});

/** People who let Discord know what they did here, for the roles that servers give by it. */
export const chatRole = app.table(
  'chat_role',
  {
    platformUserId: text().primaryKey(),
    /** Discord's leave to tell it, sealed: OAuth2 tokens. */
    sealedTokens: bytes().notNull(),
    /** SHA-256 of what Discord was told last; null before. */
    told: hex(),
    /** When to look again whether that is still so. */
    lookAt: moment().notNull(),
    /** Since when nothing is to be told any more: Discord is to forget it. */
    endedAt: moment(),
    createdAt: written(),
  },
  (t) => [isHash('chat_role_told_is_hash', t.told), index('chat_role_look_idx').on(t.lookAt)],
);
