import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { FinalityEnum } from '../live/types.ts';
import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import { DeliveryType, NewWebhookType, WebhookType } from './types.ts';
import { uuidOf } from './uuid.ts';
import { createWebhook, deleteWebhook, enableWebhook, rotateSecret, testWebhook } from './webhooks.ts';

const rights = 'Needs a session, or a key with ADMIN.';
const byId = write({ scope: 'admin', subject: ({ id }) => `Webhook:${id}`, whileHalted: true });

builder.mutationField('createWebhook', (t) =>
  t.field({
    type: NewWebhookType,
    description: `Has events sent to a URL from now on, and shows the secret that signs them this once. ${rights}`,
    args: {
      url: t.arg.string({ required: true, description: 'An http:// or https:// URL on the public internet.' }),
      events: t.arg.stringList({
        description: 'Names of the events, such as ContributionAccepted; all of them when left out.',
      }),
      filter: t.arg({ type: entityOf('activity').filter, description: 'Which of them; all when left out.' }),
      finality: t.arg({ type: FinalityEnum, defaultValue: 'FINAL', description: 'When an event is sent.' }),
    },
    extensions: write({
      scope: 'admin',
      subject: (_args, result) => (result ? `Webhook:${(result as { webhook: { id: string } }).webhook.id}` : null),
    }),
    resolve: (_root, { url, events, filter, finality }, context) =>
      createWebhook(context, requireAccount(context, 'admin'), {
        url,
        events: events ?? [],
        filter: filter ?? null,
        finality: finality ?? 'FINAL',
      }),
  }),
);

builder.mutationField('rotateWebhookSecret', (t) =>
  t.field({
    type: NewWebhookType,
    description: `Gives a webhook a new secret, shown this once; the old one signs beside it for 24 hours. ${rights}`,
    args: { id: t.arg.id({ required: true, description: 'The webhook.' }) },
    extensions: byId,
    resolve: (_root, { id }, context) => rotateSecret(context, requireAccount(context, 'admin'), uuidOf(id)),
  }),
);

builder.mutationField('testWebhook', (t) =>
  t.field({
    type: DeliveryType,
    description: `Sends a webhook a message of type Test; webhookDeliveries shows what becomes of it. ${rights}`,
    args: { id: t.arg.id({ required: true, description: 'The webhook.' }) },
    extensions: byId,
    resolve: (_root, { id }, context) => testWebhook(context, requireAccount(context, 'admin'), uuidOf(id)),
  }),
);

builder.mutationField('enableWebhook', (t) =>
  t.field({
    type: WebhookType,
    description: `Sends to a webhook again that was disabled, from where it stopped. ${rights}`,
    args: { id: t.arg.id({ required: true, description: 'The webhook.' }) },
    extensions: byId,
    resolve: (_root, { id }, context) => enableWebhook(context, requireAccount(context, 'admin'), uuidOf(id)),
  }),
);

builder.mutationField('deleteWebhook', (t) =>
  t.id({
    description: `Sends nothing more to a webhook, and forgets what was sent. ${rights}`,
    args: { id: t.arg.id({ required: true, description: 'The webhook.' }) },
    extensions: byId,
    resolve: async (_root, { id }, context) => {
      await deleteWebhook(context, requireAccount(context, 'admin'), uuidOf(id));
      return id;
    },
  }),
);
