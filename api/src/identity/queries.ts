import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import '../accounts/types.ts';
import { goodKey, goodKeys } from './api-keys.ts';
import { requireAccount } from './require-account.ts';
import { scopes } from './scopes.ts';
import { openSession, openSessions } from './sessions.ts';
import { ApiKeyScope, ApiKeyType, SessionType, ViewerRef } from './types.ts';

/** What stands in schema `app` is right whatever became of the index. */
const whileHalted = { whileHalted: true };

/** What Pothos gives to narrow a query, for a table it knows only as a value. */
type Narrow = (config: object) => object;

ViewerRef.implement({
  description: 'The account that asks.',
  fields: (t) => ({
    address: t.field({ type: 'Address', description: 'Its address.', resolve: ({ account }) => account }),
    account: t.drizzleField({
      // Its node, whose table Pothos knows it by.
      type: entityOf('account').ref as never,
      nullable: true,
      description: 'What the chain knows of it; null when it never acted there.',
      resolve: (query, { account }, _args, { db }) =>
        db.query.account.findFirst((query as unknown as Narrow)({ where: { address: { eq: account } } })) as never,
    }),
    session: t.field({
      type: SessionType,
      nullable: true,
      description: 'The session this request is sent with; null for a key.',
      resolve: ({ sessionId }, _args, context) => (sessionId === null ? null : openSession(context, sessionId)),
    }),
    apiKey: t.field({
      type: ApiKeyType,
      nullable: true,
      description: 'The key this request is sent with; null for a session.',
      resolve: ({ keyId }, _args, context) => (keyId === null ? null : goodKey(context, keyId)),
    }),
    scopes: t.field({
      type: [ApiKeyScope],
      description: 'What this request may do: everything with a session.',
      resolve: (_viewer, _args, { caller }) => (caller.kind === 'key' ? [...caller.scopes] : [...scopes]),
    }),
  }),
});

builder.queryField('me', (t) =>
  t.field({
    type: ViewerRef,
    nullable: true,
    description: 'The account that asks; null when nobody is signed in.',
    extensions: whileHalted,
    resolve: (_root, _args, { caller }) =>
      caller.kind === 'anonymous'
        ? null
        : {
            account: caller.account,
            sessionId: caller.kind === 'session' ? caller.sessionId : null,
            keyId: caller.kind === 'key' ? caller.keyId : null,
          },
  }),
);

builder.queryField('sessions', (t) =>
  t.field({
    type: [SessionType],
    description: 'Where the account is signed in, the newest 100 first. Needs a session, or a key with ADMIN.',
    extensions: whileHalted,
    resolve: (_root, _args, context) => openSessions(context, requireAccount(context, 'admin')),
  }),
);

builder.queryField('apiKeys', (t) =>
  t.field({
    type: [ApiKeyType],
    description: 'The account’s keys that are good, newest first. Needs a session, or a key with ADMIN.',
    extensions: whileHalted,
    resolve: (_root, _args, context) => goodKeys(context, requireAccount(context, 'admin')),
  }),
);
