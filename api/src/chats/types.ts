import type { chatPlatforms } from '@openledger/db/app';
import { unixSeconds } from '../identity/types.ts';
import { builder } from '../schema/builder.ts';
import type { ChatAccount } from './chat-account.ts';
import { type Consent, type ConsentPurpose, consentsOf } from './consents.ts';
import { type Confirmed, type LinkRow, linkOf } from './links.ts';
import type { Invitation, LinkRequest, RequestState } from './requests.ts';

const enumOf = <Value extends string>(name: string, description: string, values: Readonly<Record<Value, string>>) =>
  builder.enumType(name, {
    description,
    values: Object.fromEntries(
      Object.entries<string>(values).map(([value, about]) => [value.toUpperCase(), { value, description: about }]),
    ) as Record<string, { value: Value; description: string }>,
  });

export const ChatPlatformEnum = enumOf<(typeof chatPlatforms)[number]>(
  'ChatPlatform',
  'Where people chat with a bot.',
  {
    discord: 'Discord.',
    telegram: 'Telegram.',
    terminal: 'A terminal, to try everything without an account anywhere.',
  },
);

export const ConsentPurposeEnum = enumOf<ConsentPurpose>('ChatConsentPurpose', 'What a chat account may agree to.', {
  contribute: 'What it sends to the bot for a datanet is published there and trains models.',
  alerts: 'The bot writes to it unasked, about what it subscribed to.',
});

const RequestStateEnum = enumOf<RequestState>('ChatLinkState', 'How far linking a wallet is.', {
  waiting: 'No wallet has signed yet.',
  signed: 'A wallet signed on the page; the chat account has to confirm it.',
  confirmed: 'Linked.',
  refused: 'The chat account said no, or asked for a newer link.',
  expired: 'Nobody finished it within ten minutes.',
});

export const InvitationType = builder.objectRef<Invitation>('ChatLinkInvitation').implement({
  description: 'A page on which a wallet is linked to a chat account, once, within ten minutes.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'The page: for whoever asked, and nobody else.' }),
    claim: t.exposeString('claim', { description: 'For the bot alone; it confirms with it.' }),
    phrase: t.exposeString('phrase', { description: 'Three words that the page shows too: where they differ, stop.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when.',
      resolve: ({ expiresAt }) => unixSeconds(expiresAt),
    }),
  }),
});

export const LinkRequestType = builder.objectRef<LinkRequest>('ChatLinkRequest').implement({
  description: 'A chat account that asks for a wallet.',
  fields: (t) => ({
    platform: t.expose('platform', { type: ChatPlatformEnum, description: 'Where.' }),
    userId: t.exposeString('userId', { description: 'The platform’s id of the account.' }),
    userName: t.exposeString('userName', {
      description: 'What the platform calls it. Show it as text, never as markup.',
    }),
    phrase: t.exposeString('phrase', { description: 'Three words that the chat shows too.' }),
    state: t.expose('state', { type: RequestStateEnum, description: 'How far it is.' }),
    account: t.field({
      type: 'Address',
      nullable: true,
      description: 'The wallet that signed; null while none has.',
      resolve: ({ account }) => account,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when.',
      resolve: ({ expiresAt }) => unixSeconds(expiresAt),
    }),
  }),
});

export const ConfirmedType = builder.objectRef<Confirmed>('ChatLinkConfirmed').implement({
  description: 'A link that stands.',
  fields: (t) => ({
    account: t.expose('account', { type: 'Address', description: 'The wallet.' }),
    token: t.exposeString('token', {
      description: 'A key of the wallet’s account for the bot, shown this once: READ, CONTRIBUTE, REVIEW, INFER.',
    }),
  }),
});

export const LinkType = builder.objectRef<LinkRow>('ChatLink').implement({
  description: 'A chat account that acts for a wallet.',
  fields: (t) => ({
    id: t.id({ description: 'To unlink it.', resolve: ({ id }) => id.toString() }),
    platform: t.expose('platform', { type: ChatPlatformEnum, description: 'Where.' }),
    userName: t.exposeString('userName', { description: 'What the platform called it when it was linked.' }),
    account: t.expose('account', { type: 'Address', description: 'The wallet.' }),
    linkedAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ linkedAt }) => unixSeconds(linkedAt),
    }),
  }),
});

const ConsentType = builder.objectRef<Consent>('ChatConsent').implement({
  description: 'What a chat account agreed to, and has not taken back.',
  fields: (t) => ({
    purpose: t.expose('purpose', { type: ConsentPurposeEnum, description: 'What for.' }),
    textHash: t.expose('textHash', { type: 'Bytes32', description: 'keccak256 of the words that it was shown.' }),
    grantedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ grantedAt }) => unixSeconds(grantedAt) }),
  }),
});

export const ChatAccountType = builder.objectRef<ChatAccount>('ChatAccount').implement({
  description: 'What is known of a chat account, for the bot that it writes to.',
  fields: (t) => ({
    link: t.field({
      type: LinkType,
      nullable: true,
      description: 'Its wallet; null without one, and where the wallet revoked the bot’s key.',
      resolve: (account, _args, context) => linkOf(context, account),
    }),
    consents: t.field({
      type: [ConsentType],
      description: 'What it agrees to.',
      resolve: (account, _args, context) => consentsOf(context, account),
    }),
  }),
});
