import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, text, uuid } from 'drizzle-orm/pg-core';
import { app, isNatural, isOneOf, moment, written } from './columns.ts';
import { webhook } from './webhooks.ts';

export const outboxChannels = ['discord', 'telegram', 'webhook'] as const;
export const outboxStates = ['pending', 'sending', 'sent', 'unknown', 'failed'] as const;

/**
 * A message to the outside, written in the transaction that decided to send it. `sending` is written before it goes out:
 * one found in that state after a crash may or may not have arrived, and is `unknown` where the peer cannot be asked.
 */
export const outboxMessage = app.table(
  'outbox_message',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** What it is about, once: the same key is never sent twice. */
    dedupeKey: text().notNull().unique(),
    channel: text().$type<(typeof outboxChannels)[number]>().notNull(),
    /** A chat's id, or a URL. */
    recipient: text().notNull(),
    payload: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    state: text().$type<(typeof outboxStates)[number]>().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    nextAttemptAt: written(),
    sendingSince: moment(),
    sentAt: moment(),
    /** The peer's own id of the message, to edit it later. */
    externalId: text(),
    /** The webhook whose message it is; its messages go with it. */
    webhookId: uuid().references(() => webhook.id, { onDelete: 'cascade' }),
    /** What the peer answered last, where it speaks HTTP. */
    responseStatus: integer(),
    error: text(),
    createdAt: written(),
  },
  (t) => [
    isOneOf('outbox_message_channel_is_known', t.channel, outboxChannels),
    isOneOf('outbox_message_state_is_known', t.state, outboxStates),
    isNatural('outbox_message_attempts_is_natural', t.attempts),
    check('outbox_message_sending_is_dated', sql`${t.state} <> 'sending' or ${t.sendingSince} is not null`),
    check('outbox_message_sent_is_dated', sql`(${t.state} = 'sent') = (${t.sentAt} is not null)`),
    check('outbox_message_failure_is_explained', sql`${t.state} <> 'failed' or ${t.error} is not null`),
    index('outbox_message_due_idx').on(t.nextAttemptAt, t.id).where(sql`${t.state} = 'pending'`),
    index('outbox_message_sending_idx').on(t.sendingSince).where(sql`${t.state} = 'sending'`),
    check('outbox_message_only_webhooks_name_one', sql`${t.webhookId} is null or ${t.channel} = 'webhook'`),
    index('outbox_message_recipient_idx').on(t.channel, t.recipient, t.id),
    index('outbox_message_webhook_idx').on(t.webhookId, t.id),
    index('outbox_message_webhook_open_idx').on(t.webhookId, t.id).where(sql`${t.state} in ('pending', 'sending')`),
  ],
);
