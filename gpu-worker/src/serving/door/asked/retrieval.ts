import { z } from 'zod';
import { excerptOf, type Retrieved, withPassages } from '../../retrieval/index.ts';
import type { Language, Message } from '../language.ts';

/** Passages that are asked for where nothing is said of it, and at most. */
const [USUAL_PASSAGES, MOST_PASSAGES] = [4, 16];

const noDatanet = 'must be the number of a datanet, such as "3"';
const datanet = z.union(
  [z.string().regex(/^[1-9]\d{0,77}$/, noDatanet), z.int(noDatanet).min(1, noDatanet)],
  noDatanet,
);

/** A request's field `retrieval`. */
export const retrievalField = z
  .union(
    [
      z.boolean(),
      z.strictObject(
        {
          datanet: datanet.optional(),
          passages: z
            .int('must be a whole number')
            .min(1, 'must be 1 or more')
            .max(MOST_PASSAGES, `must be ${MOST_PASSAGES} or less`)
            .optional(),
          query: z
            .string('must be a text')
            .min(1, 'must not be empty')
            .max(10_000, 'must have at most 10,000 characters')
            .optional(),
        },
        'may have the fields datanet, passages and query, and no others',
      ),
    ],
    'must be true, false, or an object such as {"datanet": "3", "passages": 4}',
  )
  .nullish();

/** That an answer is to use passages of a datanet. */
export type RetrievalWish = {
  readonly datanetId: bigint | undefined;
  readonly count: number;
  readonly query: string | undefined;
};

export const retrievalWishOf = (given: z.output<typeof retrievalField>): RetrievalWish | undefined => {
  if (given === undefined || given === null || given === false) return undefined;
  const { datanet, passages, query } = given === true ? {} : given;
  return {
    datanetId: datanet === undefined ? undefined : BigInt(datanet),
    count: passages ?? USUAL_PASSAGES,
    query,
  };
};

/** What is looked for where nothing is said of it: the last that the user said. */
export const queryOf = (messages: readonly Message[]): string =>
  (messages.findLast(({ role }) => role === 'user') ?? messages.at(-1)!).content;

/**
 * The beginnings of the best passages, as many as leave room for the answer beside the conversation.
 *
 * @param maxTokens of the answer; a quarter of the context where nobody said.
 */
export const fitPassages = (
  { messages, passages }: Retrieved,
  { language, maxContext, maxTokens }: { language: Language; maxContext: number; maxTokens: number | undefined },
): Retrieved => {
  const length = Math.max(160, Math.floor((1.5 * maxContext) / Math.max(1, passages.length)));
  const kept = passages.map((passage) => ({ ...passage, text: excerptOf(passage.text, length) }));
  const room = maxContext - (maxTokens ?? Math.ceil(maxContext / 4));
  const promptOf = () =>
    language.encodeChat(
      withPassages(
        messages,
        kept.map(({ text }) => text),
      ),
    );
  while (kept.length > 0 && promptOf().length > room) kept.pop();
  return { messages, passages: kept };
};
