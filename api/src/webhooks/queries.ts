import { resolveCursorConnection } from '@pothos/plugin-relay';
import { badInput } from '../errors.ts';
import { requireAccount } from '../identity/require-account.ts';
import { builder, DEFAULT_PAGE, MAX_PAGE } from '../schema/builder.ts';
import type { PageArgs } from '../schema/paging.ts';
import { DeliveryType, WebhookType } from './types.ts';
import { uuidOf } from './uuid.ts';
import { type DeliveryRow, deliveriesOf, webhookOf, webhooksOf } from './webhooks.ts';

/** What stands in schema `app` is right whatever became of the index. */
const whileHalted = { whileHalted: true };

builder.queryField('webhooks', (t) =>
  t.field({
    type: [WebhookType],
    description: 'The account’s webhooks, newest first. Needs a session, or a key with ADMIN.',
    extensions: whileHalted,
    resolve: (_root, _args, context) => webhooksOf(context, requireAccount(context, 'admin')),
  }),
);

builder.queryField('webhookDeliveries', (t) =>
  t.connection(
    {
      type: DeliveryType,
      description:
        'What was sent to a webhook of the account’s and what is going to be, newest first. Needs a session, or a key with ADMIN.',
      args: { webhookId: t.arg.id({ required: true, description: 'The webhook.' }) },
      extensions: whileHalted,
      complexity: ({ first, last }: PageArgs) => ({ field: 2, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: async (_root, { webhookId, ...args }, context) => {
        const { id } = await webhookOf(context, requireAccount(context, 'admin'), uuidOf(webhookId));
        return resolveCursorConnection<Promise<DeliveryRow[]>>(
          { args, defaultSize: DEFAULT_PAGE, maxSize: MAX_PAGE, toCursor: (row: DeliveryRow) => row.id.toString() },
          ({ before, after, limit, inverted }) =>
            deliveriesOf(context, id, {
              before: before === undefined ? null : cursorOf(before),
              after: after === undefined ? null : cursorOf(after),
              limit,
              oldestFirst: inverted,
            }),
        );
      },
    },
    { name: 'WebhookDeliveryConnection', description: 'A page of a list: messages to a webhook in one order.' },
    { name: 'WebhookDeliveryEdge', description: 'One message of a page, with its cursor.' },
  ),
);

function cursorOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text))
    throw badInput('webhookDeliveries: this is not a cursor: take it from edges.cursor or pageInfo of this list.');
  return BigInt(text);
}
