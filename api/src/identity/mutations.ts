import { badInput, userError } from '../errors.ts';
import { write } from '../guard/writes.ts';
import { builder } from '../schema/builder.ts';
import { createKey, revokeKey } from './api-keys.ts';
import { setSessionCookie } from './cookie.ts';
import { requireAccount } from './require-account.ts';
import { endSession } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { createSignInMessage } from './sign-in-message.ts';
import { ApiKeyScope, NewApiKeyType, SignedInType, SignInMessageType } from './types.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id of a session or key, which Postgres would refuse otherwise. @throws BAD_USER_INPUT */
function uuidOf(id: string): string {
  const lower = id.toLowerCase();
  if (!UUID.test(lower)) throw badInput(`id is ${JSON.stringify(id.slice(0, 60))}: take it from sessions or apiKeys.`);
  return lower;
}

builder.mutationField('signInMessage', (t) =>
  t.field({
    type: SignInMessageType,
    description: 'The message that an account signs to sign in. Then: signIn.',
    args: {
      address: t.arg({ type: 'Address', required: true, description: 'The account that is going to sign.' }),
      origin: t.arg.string({
        description: 'The web origin of the page that asks, such as https://app.example; the API’s own when left out.',
      }),
    },
    extensions: write({ scope: null, subject: () => null, whileHalted: true }),
    resolve: (_root, { address, origin }, context) => createSignInMessage(context, address, origin),
  }),
);

builder.mutationField('signIn', (t) =>
  t.field({
    type: SignedInType,
    description: 'Begins a session of seven days for the account that signed a message of signInMessage.',
    args: {
      message: t.arg.string({ required: true, description: 'The message as signInMessage gave it.' }),
      signature: t.arg({
        type: 'Hex',
        required: true,
        description: 'Its signature (EIP-191), by the account’s key or its contract (ERC-1271).',
      }),
      cookie: t.arg.boolean({
        description: 'Whether to give the session to the browser as a cookie too; scripts cannot read it.',
      }),
    },
    extensions: write({ scope: null, subject: () => null, whileHalted: true }),
    resolve: (_root, { message, signature, cookie }, context) =>
      signIn(context, { message, signature, cookie: cookie ?? false }),
  }),
);

builder.mutationField('signOut', (t) =>
  t.boolean({
    description: 'Ends the session this request is sent with. False when there is none.',
    extensions: write({ scope: null, subject: () => null, whileHalted: true }),
    resolve: async (_root, _args, context) => {
      const { caller } = context;
      context.respond.append('set-cookie', setSessionCookie(context.publicUrl(), '', 0));
      return caller.kind === 'session' && (await endSession(context, caller.account, caller.sessionId));
    },
  }),
);

builder.mutationField('revokeSession', (t) =>
  t.id({
    description:
      'Ends one of the account’s sessions, for example on a device that was lost. Needs a session, or a key with ADMIN.',
    args: { id: t.arg.id({ required: true, description: 'The session.' }) },
    extensions: write({ scope: 'admin', subject: ({ id }) => `Session:${id}`, whileHalted: true }),
    resolve: async (_root, { id }, context) => {
      const ended = await endSession(context, requireAccount(context, 'admin'), uuidOf(id));
      if (!ended) throw userError('NOT_FOUND', 'The account has no such session, or it has ended already.');
      return id;
    },
  }),
);

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: NewApiKeyType,
    description:
      'Makes a key for programs. Needs a session, or a key with ADMIN, which can pass on only what it has itself.',
    args: {
      name: t.arg.string({ required: true, description: 'What to call it, at most 80 characters.' }),
      scopes: t.arg({ type: [ApiKeyScope], required: true, description: 'What it may do.' }),
      budgetPerMinute: t.arg.int({
        description: 'The cost of queries that it may spend in a minute; 50,000 when left out.',
      }),
      expiresAt: t.arg({ type: 'DateTime', description: 'Until when it is good; without end when left out.' }),
    },
    extensions: write<unknown, { key: { id: string } } | undefined>({
      scope: 'admin',
      subject: (_args, made) => (made === undefined ? null : `ApiKey:${made.key.id}`),
      whileHalted: true,
    }),
    resolve: (_root, { name, scopes, budgetPerMinute, expiresAt }, context) =>
      createKey(context, requireAccount(context, 'admin'), { name, scopes, budgetPerMinute, expiresAt }),
  }),
);

builder.mutationField('revokeApiKey', (t) =>
  t.id({
    description: 'Ends one of the account’s keys for good. Needs a session, or a key with ADMIN.',
    args: { id: t.arg.id({ required: true, description: 'The key’s id.' }) },
    extensions: write({ scope: 'admin', subject: ({ id }) => `ApiKey:${id}`, whileHalted: true }),
    resolve: async (_root, { id }, context) => {
      const revoked = await revokeKey(context, requireAccount(context, 'admin'), uuidOf(id));
      if (!revoked) throw userError('NOT_FOUND', 'The account has no such key, or it was revoked already.');
      return id;
    },
  }),
);
