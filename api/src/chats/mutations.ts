import { badInput } from '../errors.ts';
import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { SignedInType, SignInMessageType } from '../identity/types.ts';
import { builder } from '../schema/builder.ts';
import { chatAccountOf } from './chat-account.ts';
import { grantConsent, revokeConsent } from './consents.ts';
import { confirmLink, forgetChat, unlink, unlinkById } from './links.ts';
import { requireOperator } from './operators.ts';
import { refuseLink, startLink } from './requests.ts';
import { linkMessage, signLink } from './sign.ts';
import { ChatPlatformEnum, ConfirmedType, ConsentPurposeEnum, InvitationType } from './types.ts';

const bots = 'For bots: needs a key with CHAT of an account that the operator of this API named.';
/** Who writes to a bot is nobody else's business, so the audit log says only where. */
const byBot = write({ scope: 'chat', subject: ({ platform }) => `Chat:${platform ?? 'claim'}`, whileHalted: true });
const forAnybody = write({ scope: null, subject: () => 'ChatLink', whileHalted: true });

const chatArgs = (t: Parameters<Parameters<typeof builder.mutationField>[1]>[0]) => ({
  platform: t.arg({ type: ChatPlatformEnum, required: true, description: 'Where.' }),
  userId: t.arg.string({ required: true, description: 'The platform’s id of the account.' }),
});

builder.mutationField('startChatLink', (t) =>
  t.field({
    type: InvitationType,
    description: `Invites a chat account to link a wallet; earlier invitations of it are void. ${bots}`,
    args: {
      ...chatArgs(t),
      userName: t.arg.string({ required: true, description: 'What the platform calls it, for the page to show.' }),
    },
    extensions: byBot,
    resolve: (_root, { platform, userId, userName }, context) => {
      requireOperator(context);
      return startLink(context, { platform, userId, userName });
    },
  }),
);

builder.mutationField('chatLinkMessage', (t) =>
  t.field({
    type: SignInMessageType,
    description:
      'The message with which a wallet agrees to be linked to the chat account that it names. Then: signChatLink.',
    args: {
      token: t.arg.string({ required: true, description: 'From the page’s address.' }),
      address: t.arg({ type: 'Address', required: true, description: 'The wallet that is going to sign.' }),
    },
    extensions: forAnybody,
    resolve: (_root, { token, address }, context) => linkMessage(context, token, address),
  }),
);

builder.mutationField('signChatLink', (t) =>
  t.field({
    type: SignedInType,
    description:
      'Notes that a wallet signed, and signs the page in as signIn does. The chat account has to confirm before anything is linked.',
    args: {
      token: t.arg.string({ required: true, description: 'From the page’s address.' }),
      message: t.arg.string({ required: true, description: 'The message as chatLinkMessage gave it.' }),
      signature: t.arg({ type: 'Hex', required: true, description: 'Its signature (EIP-191 or ERC-1271).' }),
    },
    extensions: forAnybody,
    resolve: (_root, { token, message, signature }, context) => signLink(context, { token, message, signature }),
  }),
);

builder.mutationField('confirmChatLink', (t) =>
  t.field({
    type: ConfirmedType,
    description: `The chat account says that the wallet is its own: from now on the bot acts for it. ${bots}`,
    args: { claim: t.arg.string({ required: true, description: 'As startChatLink gave it.' }) },
    extensions: byBot,
    resolve: (_root, { claim }, context) => {
      requireOperator(context);
      return confirmLink(context, claim);
    },
  }),
);

builder.mutationField('refuseChatLink', (t) =>
  t.boolean({
    description: `The chat account says that it is not its wallet. False when it was over already. ${bots}`,
    args: { claim: t.arg.string({ required: true, description: 'As startChatLink gave it.' }) },
    extensions: byBot,
    resolve: (_root, { claim }, context) => {
      requireOperator(context);
      return refuseLink(context, claim);
    },
  }),
);

builder.mutationField('unlinkChatAccount', (t) =>
  t.boolean({
    description: `Ends a chat account’s link and revokes the bot’s key. False when there was none. ${bots}`,
    args: chatArgs(t),
    extensions: byBot,
    resolve: (_root, account, context) => {
      requireOperator(context);
      return unlink(context, chatAccountOf(account));
    },
  }),
);

builder.mutationField('unlinkChat', (t) =>
  t.id({
    description: 'Ends one of the account’s links to chat accounts. Needs a session, or a key with ADMIN.',
    args: { id: t.arg.id({ required: true, description: 'The link, from chatLinks.' }) },
    extensions: write({ scope: 'admin', subject: ({ id }) => `ChatLink:${id}`, whileHalted: true }),
    resolve: async (_root, { id }, context) => {
      if (!/^\d{1,18}$/.test(id)) throw badInput(`id is ${JSON.stringify(id.slice(0, 40))}: take it from chatLinks.`);
      await unlinkById(context, requireAccount(context, 'admin'), BigInt(id));
      return id;
    },
  }),
);

builder.mutationField('grantChatConsent', (t) =>
  t.boolean({
    description: `Records what a chat account agreed to, and in which words. ${bots}`,
    args: {
      ...chatArgs(t),
      purpose: t.arg({ type: ConsentPurposeEnum, required: true, description: 'What for.' }),
      text: t.arg.string({ required: true, description: 'The words that it was shown, in its language.' }),
    },
    extensions: byBot,
    resolve: async (_root, { purpose, text, ...account }, context) => {
      requireOperator(context);
      await grantConsent(context, chatAccountOf(account), { purpose, text });
      return true;
    },
  }),
);

builder.mutationField('revokeChatConsent', (t) =>
  t.boolean({
    description: `Takes a consent back. False when there was none. ${bots}`,
    args: {
      ...chatArgs(t),
      purpose: t.arg({ type: ConsentPurposeEnum, required: true, description: 'What for.' }),
    },
    extensions: byBot,
    resolve: (_root, { purpose, ...account }, context) => {
      requireOperator(context);
      return revokeConsent(context, chatAccountOf(account), purpose);
    },
  }),
);

builder.mutationField('forgetChatAccount', (t) =>
  t.boolean({
    description: `Deletes all that ties a chat account to anything: links, invitations, consents. Erase its contents with eraseContent before. ${bots}`,
    args: chatArgs(t),
    extensions: byBot,
    resolve: async (_root, account, context) => {
      requireOperator(context);
      await forgetChat(context, chatAccountOf(account));
      return true;
    },
  }),
);
