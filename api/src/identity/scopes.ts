import { apiKeyScopes } from '@openledger/db/app';

/** What a key may be allowed to do; a session may do all of it. */
export const scopes = apiKeyScopes;
export type Scope = (typeof apiKeyScopes)[number];

export const scopeDescriptions: Readonly<Record<Scope, string>> = {
  read: 'Read what the account alone may see.',
  contribute: 'Submit contributions, upload files, erase one’s own content.',
  review: 'Review contributions and finalise them.',
  infer: 'Ask models and pay for answers.',
  admin: 'Manage keys, sessions, relayers and webhooks, decide about contributions held in one’s datanets.',
  chat: 'Link chat accounts with wallets; for accounts that the operator of the API named (CHAT_OPERATORS).',
};
