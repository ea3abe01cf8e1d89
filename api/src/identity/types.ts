import type { Hex } from '@openledger/db/chain';
import { builder } from '../schema/builder.ts';
import type { ApiKeyRow } from './api-keys.ts';
import { type Scope, scopeDescriptions, scopes } from './scopes.ts';
import type { SessionRow } from './sessions.ts';
import type { SignedIn } from './sign-in.ts';
import type { SignInMessage } from './sign-in-message.ts';

/** A moment of schema `app` as the API's DateTime, which is in whole seconds. */
export const unixSeconds = (moment: Date): bigint => BigInt(Math.floor(moment.getTime() / 1000));
const orNull = (moment: Date | null) => moment && unixSeconds(moment);

export const ApiKeyScope = builder.enumType('ApiKeyScope', {
  description: 'What a key may be allowed to do.',
  values: Object.fromEntries(
    scopes.map((scope) => [scope.toUpperCase(), { value: scope, description: scopeDescriptions[scope] }]),
  ) as Record<string, { value: Scope; description: string }>,
});

export const SignInMessageType = builder.objectRef<SignInMessage>('SignInMessage').implement({
  description: 'What an account signs to sign in (EIP-4361, Sign-In with Ethereum).',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'Sign exactly this, as personal_sign does (EIP-191).' }),
    nonce: t.exposeString('nonce', { description: 'The number in it that makes it good for one time.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when signIn takes it.',
      resolve: ({ expiresAt }) => unixSeconds(expiresAt),
    }),
  }),
});

export const SessionType = builder.objectRef<SessionRow>('Session').implement({
  description: 'One place where an account is signed in.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, for revokeSession.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the account signed in.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it lasts.',
      resolve: ({ expiresAt }) => unixSeconds(expiresAt),
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null before.',
      resolve: ({ lastUsedAt }) => orNull(lastUsedAt),
    }),
    current: t.boolean({
      description: 'Whether this request is sent with it.',
      resolve: ({ id }, _args, { caller }) => caller.kind === 'session' && caller.sessionId === id,
    }),
  }),
});

export const SignedInType = builder.objectRef<SignedIn>('SignedIn').implement({
  description: 'A session that has just begun.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description: 'Send it as "Authorization: Bearer …". It is shown this once: only its hash is kept.',
    }),
    session: t.expose('session', { type: SessionType, description: 'The session.' }),
    address: t.field({
      type: 'Address',
      description: 'The account that signed in.',
      resolve: ({ session }) => session.account,
    }),
  }),
});

export const ApiKeyType = builder.objectRef<ApiKeyRow>('ApiKey').implement({
  description: 'A key for programs that act for an account.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, for revokeApiKey.' }),
    name: t.exposeString('name', { description: 'What its owner calls it.' }),
    prefix: t.exposeString('prefix', { description: 'How the key begins, to tell keys apart.' }),
    scopes: t.expose('scopes', { type: [ApiKeyScope], description: 'What it may do.' }),
    budgetPerMinute: t.exposeInt('budgetPerMinute', {
      description: 'The cost of queries that it may spend in a minute; see extensions.cost.',
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was made.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is good; null for no end.',
      resolve: ({ expiresAt }) => orNull(expiresAt),
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null before.',
      resolve: ({ lastUsedAt }) => orNull(lastUsedAt),
    }),
  }),
});

export const NewApiKeyType = builder.objectRef<{ token: string; key: ApiKeyRow }>('NewApiKey').implement({
  description: 'A key that was just made.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description: 'The key: send it as "Authorization: Bearer …". It is shown this once: only its hash is kept.',
    }),
    key: t.expose('key', { type: ApiKeyType, description: 'What it may do, and its id.' }),
  }),
});

/** Who asks, when it is an account. */
export type Viewer = { readonly account: Hex; readonly sessionId: string | null; readonly keyId: string | null };
export const ViewerRef = builder.objectRef<Viewer>('Viewer');
