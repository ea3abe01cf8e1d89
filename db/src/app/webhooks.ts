import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, text, uuid } from 'drizzle-orm/pg-core';
import { app, bytes, hex, isAddress, isNatural, isOneOf, moment, written } from './columns.ts';
import { onChain } from './deployments.ts';

export const webhookStates = ['active', 'disabled'] as const;
export const webhookFinalities = ['LATEST', 'FINAL'] as const;

/** A URL that an account has events sent to. What is sent stands in the outbox, with the webhook's id. */
export const webhook = app.table(
  'webhook',
  {
    id: uuid().primaryKey().defaultRandom(),
    genesisHash: onChain(),
    account: hex().notNull(),
    url: text().notNull(),
    /** Names of the events it is sent; all of them when empty. */
    events: text().array().notNull(),
    /** As the API's ActivityFilter takes it, integers as decimal strings. */
    filter: jsonb().$type<Readonly<Record<string, unknown>>>(),
    finality: text().$type<(typeof webhookFinalities)[number]>().notNull(),
    /** The secret that signs, AES-256-GCM: nonce, tag, then the encrypted bytes. */
    secret: bytes().notNull(),
    /** The one before it, which signs as well for a while after it was replaced. */
    previousSecret: bytes(),
    previousSecretUntil: moment(),
    state: text().$type<(typeof webhookStates)[number]>().notNull().default('active'),
    disabledReason: text(),
    /** Up to where events stand in the outbox: the API's cursor. */
    cursor: text().notNull(),
    /** How often the chain has taken back what stood there: the same event may be sent once for each. */
    generation: integer().notNull().default(0),
    /** Since when nothing has arrived, and how many attempts failed since. */
    failingSince: moment(),
    failures: integer().notNull().default(0),
    /** Nothing is sent before. */
    pausedUntil: moment(),
    createdAt: written(),
    updatedAt: written(),
  },
  (t) => [
    isAddress('webhook_account_is_address', t.account),
    isOneOf('webhook_state_is_known', t.state, webhookStates),
    isOneOf('webhook_finality_is_known', t.finality, webhookFinalities),
    isNatural('webhook_generation_is_natural', t.generation),
    isNatural('webhook_failures_is_natural', t.failures),
    check('webhook_url_is_short', sql`length(${t.url}) between 1 and 2048`),
    check('webhook_disabled_is_explained', sql`(${t.state} = 'disabled') = (${t.disabledReason} is not null)`),
    check('webhook_previous_secret_ends', sql`(${t.previousSecret} is null) = (${t.previousSecretUntil} is null)`),
    check('webhook_failing_is_dated', sql`(${t.failures} > 0) = (${t.failingSince} is not null)`),
    index('webhook_account_idx').on(t.genesisHash, t.account, t.createdAt),
    index('webhook_active_idx').on(t.genesisHash, t.id).where(sql`${t.state} = 'active'`),
  ],
);
