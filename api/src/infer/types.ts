import { workersOnChain } from '../models/serving-rows.ts';
import { builder } from '../schema/builder.ts';
import { entityOf } from '../schema/entity.ts';
import type { Answer } from './answer.ts';
import type { Told } from './route.ts';
import type { InferPassage } from './wire.ts';
import '../models/types.ts';

const FinishReasonEnum = builder.enumType('FinishReason', {
  description: 'Why an answer ended.',
  values: {
    STOP: { value: 'stop' as const, description: 'The model had said all, or a text of stop came.' },
    LENGTH: { value: 'length' as const, description: 'It had as many tokens as it might have.' },
  },
});

const InferPassageType = builder.objectRef<InferPassage>('InferPassage').implement({
  description: 'A passage of a datanet that a model was given beside the question.',
  fields: (t) => ({
    contributionId: t.expose('contributionId', { type: 'BigInt', description: 'The contribution that it is of.' }),
    contribution: t.field({
      type: entityOf('contribution').ref,
      nullable: true,
      description: 'The contribution that it is of; null where it is not on chain.',
      resolve: ({ contributionId }) => ({ id: contributionId }) as never,
    }),
    datanetId: t.expose('datanetId', { type: 'BigInt', description: 'The datanet that it is of.' }),
    contentHash: t.expose('contentHash', { type: 'Bytes32', description: 'The content that it is of.' }),
    row: t.exposeInt('row', { description: 'Which of the content’s texts it is, from 0.' }),
    text: t.exposeString('text', { description: 'What the model read of it: its beginning, where it is long.' }),
  }),
});

export const InferAnswer = builder.objectRef<Answer>('InferAnswer').implement({
  description: 'An answer of a model, as its worker gave it.',
  fields: (t) => ({
    requestId: t.field({
      type: 'Bytes32',
      description: 'The id of the request: under it the answer is settled, and its receipt kept.',
      resolve: ({ requestId }) => requestId,
    }),
    text: t.exposeString('text', { description: 'What the model says.' }),
    passages: t.field({
      type: [InferPassageType],
      complexity: { field: 1, multiplier: 4 },
      description: 'What the model was given beside the question, in order; empty unless retrieval was asked for.',
      resolve: ({ passages }) => [...passages],
    }),
    finishReason: t.expose('finishReason', { type: FinishReasonEnum, description: 'Why it ended.' }),
    inputTokens: t.exposeInt('inputTokens', { description: 'Tokens of the question.' }),
    outputTokens: t.exposeInt('outputTokens', { description: 'Tokens of the answer.' }),
    fee: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Wei of OPEN that are due for it; null where its worker does not say.',
      resolve: ({ fee }) => fee,
    }),
    firstTokenMs: t.int({
      description: 'Milliseconds from the question to the first of the answer.',
      resolve: ({ firstTokenMs }) => Math.round(firstTokenMs),
    }),
    totalMs: t.int({
      description: 'Milliseconds from the question to the end of the answer.',
      resolve: ({ totalMs }) => Math.round(totalMs),
    }),
    modelId: t.field({
      type: 'BigInt',
      description: 'The model’s number on chain; 0 for the base alone.',
      resolve: ({ modelId }) => modelId,
    }),
    version: t.exposeInt('version', { description: 'The version that answered; 0 for the base alone.' }),
    modelVersion: t.field({
      type: entityOf('modelVersion').ref,
      nullable: true,
      description: 'The version that answered; null for the base alone.',
      resolve: ({ modelId, version }) => (modelId === 0n ? null : ({ modelId, version } as never)),
    }),
    workerAddress: t.field({ type: 'Address', description: 'Who answered.', resolve: ({ worker }) => worker }),
    worker: t.field({
      type: entityOf('worker').ref,
      nullable: true,
      description: 'Who answered; null while it is not on chain.',
      resolve: ({ worker }, _args, context) => workersOnChain(context).load(worker) as never,
    }),
  }),
});

export const InferMessage = builder.objectRef<Told>('InferMessage').implement({
  description: 'A part of an answer as it comes, or at last the whole.',
  fields: (t) => ({
    requestId: t.field({
      type: 'Bytes32',
      description: 'The id of the request.',
      resolve: (told) => (told.kind === 'text' ? told.requestId : told.answer.requestId),
    }),
    text: t.string({
      description: 'What comes next: joined together, these are the answer. Empty in the last message.',
      resolve: (told) => (told.kind === 'text' ? told.text : ''),
    }),
    answer: t.field({
      type: InferAnswer,
      nullable: true,
      description: 'The whole answer, in the last message; null before.',
      resolve: (told) => (told.kind === 'answer' ? told.answer : null),
    }),
  }),
});
