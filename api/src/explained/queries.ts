import { builder } from '../schema/builder.ts';
import { explain } from './explain.ts';
import { AnswerExplanation } from './types.ts';

builder.queryField('explainAnswer', (t) =>
  t.field({
    type: AnswerExplanation,
    nullable: true,
    description:
      'What an answer drew on: its sentences, the contributions behind them, their weight and kind of evidence, and what each earned. Null for a request that nobody here answered.',
    args: {
      requestId: t.arg({
        type: 'Bytes32',
        required: true,
        description: 'The id of the request, as infer and the worker gave it.',
      }),
      texts: t.arg.stringList({
        description:
          'The answer as you have it, of several choices each: then sentences come with their text. It is held against the answer’s hash, and not kept.',
      }),
    },
    complexity: 10,
    resolve: (_root, { requestId, texts }, context) => explain(context, requestId, texts),
  }),
);
