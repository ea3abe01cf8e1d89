import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { builder } from '../schema/builder.ts';
import type { Answer } from './answer.ts';
import { DEFAULT_TOKENS, InferInput, questionOf } from './input.ts';
import { route } from './route.ts';
import { subjectOf } from './subject.ts';
import { InferAnswer } from './types.ts';

/** Asking costs this much, and one more for each token that the answer may have. */
const PRICE = 50;

builder.mutationField('infer', (t) =>
  t.field({
    type: InferAnswer,
    description:
      'Asks a model and waits for its whole answer: inferStream gives it as it comes. Needs a session, or a key with INFER.',
    args: { input: t.arg({ type: InferInput, required: true, description: 'The question.' }) },
    complexity: ({ input }) => PRICE + Math.max(0, input.maxTokens ?? DEFAULT_TOKENS),
    extensions: write<{ input: typeof InferInput.$inferInput }, Answer | undefined>({
      scope: 'infer',
      subject: ({ input }, answer) => subjectOf(input, answer?.requestId),
    }),
    resolve: async (_root, { input }, context) => {
      const account = requireAccount(context, 'infer');
      const question = questionOf(input, account, 'infer');
      for await (const told of route(context, question, account, context.request.signal)) {
        if (told.kind === 'answer') return told.answer;
      }
      throw new Error('An answer ended without its end.');
    },
  }),
);
