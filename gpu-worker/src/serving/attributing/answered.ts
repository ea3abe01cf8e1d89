import type { Hex } from '@openledger/protocol';
import { z } from 'zod';

const ids = z.array(z.int().min(0));

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((value) => value as Hex);

const answeredSchema = z.strictObject({
  /** Each of a request's answers: what its model was given, what it wrote, and the text of that which the client has. */
  answers: z.array(z.strictObject({ prompt: ids.min(1), ids, text: z.string() })).min(1),
  /** Passages that the model was given with the conversation: of which contribution, and what it read of each. */
  retrieval: z
    .strictObject({
      messages: z.array(z.strictObject({ role: z.string(), content: z.string() })),
      passages: z
        .array(
          z.strictObject({
            contributionId: z.string().regex(/^[1-9]\d*$/),
            contentHash: bytes32,
            row: z.int().min(0),
            text: z.string(),
          }),
        )
        .min(1),
    })
    .optional(),
});

/** What was asked and answered, as attribution needs it. Secret: it holds the prompt. */
export type Answered = z.output<typeof answeredSchema>;
export type Answer = Answered['answers'][number];

/** @throws ZodError for anything else. */
export const readAnswered = (json: unknown): Answered => answeredSchema.parse(json);
