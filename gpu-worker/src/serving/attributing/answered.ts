import { z } from 'zod';

const ids = z.array(z.int().min(0));

const answeredSchema = z.strictObject({
  /** Each of a request's answers: what its model was given, what it wrote, and the text of that which the client has. */
  answers: z.array(z.strictObject({ prompt: ids.min(1), ids, text: z.string() })).min(1),
});

/** What was asked and answered, as attribution needs it. Secret: it holds the prompt. */
export type Answered = z.output<typeof answeredSchema>;
export type Answer = Answered['answers'][number];

/** @throws ZodError for anything else. */
export const readAnswered = (json: unknown): Answered => answeredSchema.parse(json);
