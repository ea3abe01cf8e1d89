import { requireAccount } from '../identity/require-account.ts';
import { builder } from '../schema/builder.ts';
import { chatAccountOf } from './chat-account.ts';
import { linksOf } from './links.ts';
import { requireOperator } from './operators.ts';
import { requestBy } from './requests.ts';
import { ChatAccountType, ChatPlatformEnum, LinkRequestType, LinkType } from './types.ts';

/** What stands in schema `app` is right whatever became of the index. */
const whileHalted = { whileHalted: true };

builder.queryField('chatLinkRequest', (t) =>
  t.field({
    type: LinkRequestType,
    description: 'The chat account that a link’s page is for, by the token in the page’s address.',
    args: { token: t.arg.string({ required: true, description: 'From the page’s address.' }) },
    extensions: whileHalted,
    resolve: (_root, { token }, context) => requestBy(context, { token }),
  }),
);

builder.queryField('chatLinkClaim', (t) =>
  t.field({
    type: LinkRequestType,
    description: 'How far a link is, for the bot that began it, by its claim.',
    args: { claim: t.arg.string({ required: true, description: 'As startChatLink gave it.' }) },
    extensions: whileHalted,
    resolve: (_root, { claim }, context) => {
      requireOperator(context);
      return requestBy(context, { claim });
    },
  }),
);

builder.queryField('chatAccount', (t) =>
  t.field({
    type: ChatAccountType,
    description:
      'A chat account’s wallet and consents. For bots: needs a key with CHAT of an account that the operator of this API named.',
    args: {
      platform: t.arg({ type: ChatPlatformEnum, required: true, description: 'Where.' }),
      userId: t.arg.string({ required: true, description: 'The platform’s id of the account.' }),
    },
    extensions: whileHalted,
    resolve: (_root, account, context) => {
      requireOperator(context);
      return chatAccountOf(account);
    },
  }),
);

builder.queryField('chatLinks', (t) =>
  t.field({
    type: [LinkType],
    description: 'Chat accounts that act for the account that asks, newest first. Needs a session, or a key with READ.',
    extensions: whileHalted,
    resolve: (_root, _args, context) => linksOf(context, requireAccount(context, 'read')),
  }),
);
