import type { Hex } from '@openledger/db/chain';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';
import { modelChoiceOf } from './model-name.ts';
import type { Message, Question, Retrieval } from './question.ts';
import { VoucherInput, voucherOf } from './voucher.ts';
import { MOST_PASSAGES } from './wire.ts';

/** Of an answer, where nobody says; and the most that may be asked for. */
export const DEFAULT_TOKENS = 256;
export const MAX_TOKENS = 4096;
const MAX_STOPS = 4;
const STOP_LENGTH = 200;

const ChatRole = builder.enumType('ChatRole', {
  description: 'Who says a message.',
  values: {
    SYSTEM: { value: 'system' as const, description: 'Whoever sets the model its task.' },
    USER: { value: 'user' as const, description: 'Whoever asks.' },
    ASSISTANT: { value: 'assistant' as const, description: 'The model.' },
  },
});

const ChatMessage = builder.inputType('ChatMessageInput', {
  description: 'A message of a conversation.',
  fields: (t) => ({
    role: t.field({ type: ChatRole, required: true, description: 'Who says it.' }),
    content: t.string({ required: true, description: 'What is said.' }),
  }),
});

const RetrievalInput = builder.inputType('RetrievalInput', {
  description:
    'Passages that the model is given beside the question: rows of contributions to datanets it was trained on, found by full text.',
  fields: (t) => ({
    datanetId: t.field({
      type: 'BigInt',
      description: 'The datanet that they are of; all that the model was trained on and you may read when left out.',
    }),
    passages: t.int({ description: `How many, 1 to ${MOST_PASSAGES}; 4 when left out, and fewer where no more fit.` }),
    query: t.string({ description: 'What is looked for; the last message of the user when left out.' }),
  }),
});

export const InferInput = builder.inputType('InferInput', {
  description: 'A question to a model. One of modelId and model, and one of messages and prompt.',
  fields: (t) => ({
    modelId: t.field({ type: 'BigInt', description: 'The model’s number on chain; 0 for the base alone.' }),
    version: t.int({ description: 'Its version; with modelId. The newest that is served when left out.' }),
    model: t.string({
      description: 'The model by name, as workers list it: rust-tutor-3, or rust-tutor-3@2 for its version 2.',
    }),
    messages: t.field({ type: [ChatMessage], description: 'A conversation, which the model goes on with.' }),
    retrieval: t.field({
      type: RetrievalInput,
      description:
        'Gives the model passages to answer from; with messages. Contributions are paid by what their passages added to the answer.',
    }),
    prompt: t.string({ description: 'A text, which the model goes on with just as it stands.' }),
    maxTokens: t.int({
      description: `Tokens that the answer has at most, up to ${MAX_TOKENS}; ${DEFAULT_TOKENS} when left out.`,
    }),
    temperature: t.float({ description: 'From 0, which takes the likeliest token always, to 2; 1 when left out.' }),
    topP: t.float({
      description: 'Only the likeliest tokens whose probabilities reach this are sampled from; 1 when left out.',
    }),
    topK: t.int({ description: 'Only so many of the likeliest tokens are sampled from; all when 0 or left out.' }),
    seed: t.int({ description: 'The same seed, from 0, gives the same answer to the same question.' }),
    presencePenalty: t.float({
      description: 'From -2 to 2; above 0 tokens that are there already become less likely.',
    }),
    frequencyPenalty: t.float({ description: 'From -2 to 2; the same by how often they are there.' }),
    repetitionPenalty: t.float({ description: 'Above 0; over 1 makes tokens of prompt and answer less likely.' }),
    stop: t.stringList({ description: `The answer ends before the first of these; at most ${MAX_STOPS}.` }),
    worker: t.field({ type: 'Address', description: 'Asks this worker and no other.' }),
    voucher: t.field({
      type: VoucherInput,
      description: 'A promise to pay. Needed once for a model with a price: it then stands until it is used up.',
    }),
  }),
});

export type InferInputValue = typeof InferInput.$inferInput;

/** @param account who asks, and pays @throws BAD_USER_INPUT naming the field */
export function questionOf(input: InferInputValue, account: Hex, place: string): Question {
  const voucher = input.voucher ? voucherOf(input.voucher, account, `${place}: voucher`) : undefined;
  if (voucher && input.worker && voucher.worker !== input.worker) {
    throw badInput(`${place}: the voucher is for worker ${voucher.worker}, which is not worker ${input.worker}.`);
  }
  const within = (name: keyof InferInputValue, least: number, most: number): number | undefined => {
    const value = input[name] as number | null | undefined;
    if (value == null) return undefined;
    if (!(value >= least && value <= most)) {
      throw badInput(`${place}: ${name} is ${value}: it must be from ${least} to ${most}.`);
    }
    return value;
  };
  return {
    model: modelChoiceOf(input, place),
    text: textOf(input, place),
    maxTokens: within('maxTokens', 1, MAX_TOKENS) ?? DEFAULT_TOKENS,
    temperature: within('temperature', 0, 2),
    topP: within('topP', 1e-6, 1),
    topK: within('topK', 0, 1_000_000),
    seed: within('seed', 0, 2 ** 31 - 1),
    presencePenalty: within('presencePenalty', -2, 2),
    frequencyPenalty: within('frequencyPenalty', -2, 2),
    repetitionPenalty: within('repetitionPenalty', 0.01, 10),
    stop: stopOf(input.stop ?? [], place),
    worker: voucher?.worker ?? input.worker ?? undefined,
    voucher,
  };
}

function textOf({ messages, prompt, retrieval }: InferInputValue, place: string): Question['text'] {
  if ((messages == null) === (prompt == null)) {
    throw badInput(`${place} needs one of messages and prompt, and not both.`);
  }
  if (prompt != null) {
    if (prompt === '') throw badInput(`${place}: prompt is empty.`);
    if (retrieval) throw badInput(`${place}: retrieval is for messages; a prompt is gone on with just as it stands.`);
    return { prompt };
  }
  if (messages!.length === 0) throw badInput(`${place}: messages is empty.`);
  return { messages: messages as readonly Message[], retrieval: retrieval ? retrievalOf(retrieval, place) : undefined };
}

function retrievalOf({ datanetId, passages, query }: typeof RetrievalInput.$inferInput, place: string): Retrieval {
  if (passages != null && !(passages >= 1 && passages <= MOST_PASSAGES)) {
    throw badInput(`${place}: retrieval has ${passages} passages: it must be from 1 to ${MOST_PASSAGES}.`);
  }
  if (query === '') throw badInput(`${place}: the query of retrieval is empty.`);
  return { datanetId: datanetId ?? undefined, passages: passages ?? undefined, query: query ?? undefined };
}

function stopOf(stop: readonly string[], place: string): readonly string[] {
  if (stop.length > MAX_STOPS) throw badInput(`${place}: stop has ${stop.length} texts; at most ${MAX_STOPS}.`);
  for (const text of stop) {
    if (text.length < 1 || text.length > STOP_LENGTH) {
      throw badInput(`${place}: a text in stop has ${text.length} characters; 1 to ${STOP_LENGTH} are taken.`);
    }
  }
  return stop;
}
