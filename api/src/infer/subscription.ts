import { SUBSCRIPTION_PRICE } from '../guard/admission.ts';
import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import type { StreamContext } from '../live/sse.ts';
import { builder } from '../schema/builder.ts';
import { InferInput, questionOf } from './input.ts';
import { atReadersPace } from './pace.ts';
import { route, type Told } from './route.ts';
import { subjectOf } from './subject.ts';
import { InferMessage } from './types.ts';
import '../live/subscriptions.ts';

builder.subscriptionField('inferStream', (t) =>
  t.field({
    type: InferMessage,
    description:
      'Asks a model and tells its answer as it comes; the last message has the whole. Ending the subscription ends the work. It asks, and costs, each time it is subscribed to: by POST only. Needs a session, or a key with INFER.',
    args: { input: t.arg({ type: InferInput, required: true, description: 'The question.' }) },
    complexity: { field: SUBSCRIPTION_PRICE, multiplier: 1 },
    extensions: write<{ input: typeof InferInput.$inferInput }, Told | undefined>({
      scope: 'infer',
      subject: ({ input }, told) => subjectOf(input, told?.kind === 'answer' ? told.answer.requestId : told?.requestId),
    }),
    subscribe: (_root, { input }, plain) => {
      const context = plain as StreamContext;
      const account = requireAccount(context, 'infer');
      const question = questionOf(input, account, 'inferStream');
      return atReadersPace(route(context, question, account, context.stream.signal));
    },
    resolve: (told) => told,
  }),
);
