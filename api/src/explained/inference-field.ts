import type { Hex } from '@openledger/db/chain';
import type { FieldsOf } from '../schema/entity.ts';
import { explainIfSeen } from './explain.ts';
import { AnswerExplanation } from './types.ts';

export const explanationField: FieldsOf<'inference'> = (t) => ({
  explanation: t.field({
    type: AnswerExplanation,
    nullable: true,
    description:
      'What it drew on, sentence by sentence, and what each contribution earned; null while that is not on chain and the caller is not its payer.',
    complexity: 10,
    args: {
      texts: t.arg.stringList({
        description: 'The answer as you have it, of several choices each: then sentences come with their text.',
      }),
    },
    select: { columns: { requestId: true } },
    resolve: (row, { texts }, context) => explainIfSeen(context, (row as { requestId: Hex }).requestId, texts),
  }),
});
