import type { outboxStates, webhookStates } from '@openledger/db/app';
import { unixSeconds } from '../identity/types.ts';
import { FinalityEnum } from '../live/types.ts';
import { builder } from '../schema/builder.ts';
import type { WebhookRow } from './gather.ts';
import { messageId, shownFilter } from './payload.ts';
import type { DeliveryRow } from './webhooks.ts';

const orNull = (moment: Date | null) => moment && unixSeconds(moment);

function enumOf<const Value extends string>(name: string, description: string, values: Record<Value, string>) {
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(
      (Object.entries(values) as [Value, string][]).map(([value, about]) => [
        value.toUpperCase(),
        { value, description: about },
      ]),
    ) as Record<string, { value: Value; description: string }>,
  });
}

const WebhookState = enumOf('WebhookState', 'Whether a webhook is sent events.', {
  active: 'It is sent events.',
  disabled: 'It is sent nothing until it is enabled again.',
} satisfies Record<(typeof webhookStates)[number], string>);

const DeliveryState = enumOf('WebhookDeliveryState', 'Where a message to a webhook stands.', {
  pending: 'It waits to be sent, for the first time or again.',
  sending: 'It is being sent.',
  sent: 'The receiver has taken it (HTTP 2xx).',
  unknown: 'Whether it has arrived cannot be told.',
  failed: 'It was given up after the last attempt.',
} satisfies Record<(typeof outboxStates)[number], string>);

export const WebhookType = builder.objectRef<WebhookRow>('Webhook').implement({
  description: 'A URL that events are sent to, signed as https://www.standardwebhooks.com says.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    url: t.exposeString('url', { description: 'Where it is sent to.' }),
    events: t.exposeStringList('events', { description: 'Names of the events it is sent; all of them when empty.' }),
    filter: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Which of them, as an ActivityFilter; null for all.',
      resolve: ({ filter }) => filter && shownFilter(filter),
    }),
    finality: t.field({
      type: FinalityEnum,
      description: 'When an event is sent.',
      resolve: ({ finality }) => finality,
    }),
    state: t.field({ type: WebhookState, description: 'Whether it is sent events.', resolve: ({ state }) => state }),
    disabledReason: t.exposeString('disabledReason', {
      nullable: true,
      description: 'Why it is disabled; null while it is not.',
    }),
    failingSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when nothing has arrived; null while it does.',
      resolve: ({ failingSince }) => orNull(failingSince),
    }),
    failures: t.exposeInt('failures', { description: 'Attempts that failed since then.' }),
    cursor: t.exposeString('cursor', {
      description: 'Up to where events stand in the outbox; a subscription’s `after` takes it too.',
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was made.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
  }),
});

export const NewWebhookType = builder
  .objectRef<{ readonly webhook: WebhookRow; readonly secret: string }>('WebhookWithSecret')
  .implement({
    description: 'A webhook and the secret that its messages are signed with.',
    fields: (t) => ({
      webhook: t.field({ type: WebhookType, description: 'The webhook.', resolve: ({ webhook }) => webhook }),
      secret: t.exposeString('secret', {
        description: 'The secret, as Standard Webhooks’ libraries take it. It is shown this once.',
      }),
    }),
  });

export const DeliveryType = builder.objectRef<DeliveryRow>('WebhookDelivery').implement({
  description: 'A message to a webhook: sent, or going to be.',
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'Its webhook-id header; the same at every attempt.',
      resolve: ({ dedupeKey }) => messageId(dedupeKey),
    }),
    type: t.string({
      description: 'The event’s name, Undone, or Test.',
      resolve: ({ payload }) => String(payload.type),
    }),
    payload: t.field({ type: 'JSON', description: 'What is sent.', resolve: ({ payload }) => payload }),
    state: t.field({ type: DeliveryState, description: 'Where it stands.', resolve: ({ state }) => state }),
    attempts: t.exposeInt('attempts', { description: 'Attempts so far.' }),
    responseStatus: t.exposeInt('responseStatus', {
      nullable: true,
      description: 'The HTTP status of the last answer; null while there was none.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'What was wrong at the last attempt; null when nothing was.',
    }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null when it is not.',
      resolve: ({ state, nextAttemptAt }) => (state === 'pending' ? unixSeconds(nextAttemptAt) : null),
    }),
    sentAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the receiver took it; null before.',
      resolve: ({ sentAt }) => orNull(sentAt),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was put into the outbox.',
      resolve: ({ createdAt }) => unixSeconds(createdAt),
    }),
  }),
});
